import { expect, test } from 'vitest'

import type { Row } from '../../src/core/columns.ts'
import { contractOf } from '../../src/core/resolve-columns.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { textGenerationWithImageDefinition as definition } from '../../src/tasks/text-generation-with-image.ts'
import { errorOf } from '../core/error-of.ts'
import { beginnings, png } from '../models/images.ts'
import { taskAnswer } from './task-answer.ts'

const paramsOf = (params: StepSpec['params'] = {}) =>
  resolveParams(definition, {
    name: 'ask',
    type: definition.type,
    params: { llm: { type: 'SimulatedLLM', params: {} }, ...params },
  }).params
const promptOf = (row: Row, params: StepSpec['params'] = {}) =>
  definition.prompt?.(row, paramsOf(params), { seed: 0, identity: 'x' })
const shown = (image: string, imageType: string) =>
  promptOf({ instruction: 'What?', image }, { imageType })?.[0]?.content[1]
const faultOf = (image: unknown, imageType: string) => {
  const schema = definition.rowSchema?.(paramsOf({ imageType }))
  const checked = schema?.['~standard'].validate({ instruction: 'What?', image })
  if (checked === undefined || checked instanceof Promise) throw new Error('Nothing was checked.')
  return checked.issues?.[0]?.message
}

const address = 'https://example.org/a.png'

test('a question is asked with its image behind it', () => {
  expect(promptOf({ instruction: 'What?', image: address }, { systemPrompt: 'Be kind.' })).toEqual([
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What?' },
        { type: 'image', url: address },
      ],
    },
  ])
})

test('a template writes the question of other columns', () => {
  const params = { template: '{{ topic }}?', columns: ['topic'] }
  const [message] = promptOf({ topic: 'Sky', image: address }, params) ?? []
  expect(message?.content[0]).toEqual({ type: 'text', text: 'Sky?' })
  expect(contractOf(definition, paramsOf(params), 'ask')).toMatchObject({
    reads: { topic: {}, image: { type: 'string' } },
    optional: ['system_prompt'],
  })
})

test.each([
  ['image/png', png],
  ['image/jpeg', beginnings.jpeg],
  ['image/webp', beginnings.webp],
  ['image/gif', beginnings.gif],
])('bytes become an address of the type that they say: %s', (mediaType, bytes) => {
  const whole = Buffer.concat([bytes, Buffer.alloc(20)])
  const base64 = whole.toString('base64')
  const url = `data:${mediaType};base64,${base64}`
  expect(shown(base64, 'base64')).toEqual({ type: 'image', url })
  expect(shown(base64.replaceAll(/(.{20})/g, '$1\n'), 'base64')).toEqual({ type: 'image', url })
  expect(shown(url, 'base64')).toEqual({ type: 'image', url })
})

test('a file stays a path, which the engine reads', () => {
  for (const path of ['images/a.png', '/tmp/a.png', 'file:///tmp/a.png', 'store:images/a.png']) {
    expect(shown(path, 'file')).toEqual({ type: 'image', url: path })
    expect(faultOf(path, 'file')).toBeUndefined()
  }
})

test('an image of another kind than was said is refused', () => {
  expect(faultOf('a.png', 'url')).toBe('it is no address of an image on the web')
  expect(faultOf(address, 'url')).toBeUndefined()
  for (const image of [address, '', 'AAAA', 'A'.repeat(40), `${png.toString('base64')}!`])
    expect(faultOf(image, 'base64')).toBe('it is no PNG, JPEG, WebP or GIF image in base64')
  expect(faultOf(address, 'file')).toBe(`it is an address and no file; set imageType to 'url'`)
  for (const imageType of ['url', 'base64', 'file']) expect(faultOf(null, imageType)).toBeDefined()
})

test('the image is no column of the template', () => {
  const check = () =>
    definition.checkParams?.(paramsOf({ template: '{{ image }}', columns: 'image' }), 'ask')
  expect(errorOf(check)).toMatchObject({
    code: 'parameter-invalid',
    message: `Parameter 'columns' of step 'ask' names 'image', which the model is shown and no template can write; leave it out.`,
  })
})

test('what the model says is the generation', async () => {
  const row = { instruction: 'What?', image: address }
  expect(await taskAnswer(definition, {}, row, 'A dot.')).toEqual({
    generation: 'A dot.',
    model_name: 'canned',
  })
})
