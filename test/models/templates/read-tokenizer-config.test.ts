import { expect, test } from 'vitest'

import { user } from '../../../src/core/chat.ts'
import { createChatTemplate } from '../../../src/models/templates/create-chat-template.ts'
import { readTokenizerConfig } from '../../../src/models/templates/read-tokenizer-config.ts'
import { errorOf } from '../../core/error-of.ts'

const template = '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}'
const write = (source: string) => createChatTemplate(source, { who: 'A model' })([user('Hi')])
const read = (config: object, name?: string) => readTokenizerConfig(JSON.stringify(config), name)

test('a template stands alone, with the values of its tokens', () => {
  const config = { chat_template: template, bos_token: '<s "a"\\>', eos_token: { content: '</s>' } }
  expect(write(read(config))).toBe('<s "a"\\>Hi</s>')
  expect(write(read({ chat_template: template, bos_token: null }))).toBe('Hi')
  expect(read({ chat_template: template })).toBe(template)
})

test('a template that begins with a line end keeps it', () => {
  const chat_template = `\n${template}`
  expect(write(read({ chat_template, bos_token: '<s>' }))).toBe(
    write(chat_template).replace('Hi', '<s>Hi'),
  )
})

test('of several templates the default is taken, or the one that is named', () => {
  const chat_template = [
    { name: 'default', template },
    { name: 'rag', template: 'Documents: {{ bos_token }}' },
  ]
  expect(write(read({ chat_template, bos_token: '<s>' }))).toBe('<s>Hi')
  expect(write(read({ chat_template, bos_token: '<s>' }, 'rag'))).toBe('Documents: <s>')
  expect(errorOf(() => read({ chat_template }, 'tools'))).toMatchObject({
    code: 'template-invalid',
    message: `The tokenizer's configuration holds no chat template 'tools'. Templates there: 'default', 'rag'.`,
  })
})

test('a configuration that is none is refused', () => {
  expect(errorOf(() => read({}))).toMatchObject({
    code: 'template-invalid',
    message: `The tokenizer's configuration holds no chat template 'default'.`,
  })
  for (const text of ['<html>', '[]'])
    expect(errorOf(() => readTokenizerConfig(text)).code).toBe('file-malformed')
})
