import { expect, test } from 'vitest'

import { assistant, prompt, system, user } from '../../../src/core/chat.ts'
import { chatFamilyNames, preQueryTemplate } from '../../../src/models/templates/chat-families.ts'
import { createChatTemplate } from '../../../src/models/templates/create-chat-template.ts'
import { errorOf } from '../../core/error-of.ts'

const who = "LlamaCppLLM 'tiny'"
const write = (source: string, ...given: Parameters<ReturnType<typeof createChatTemplate>>) =>
  createChatTemplate(source, { who })(...given)

const conversation = [
  system('Be brief.'),
  user(' Hi '),
  assistant('Hello.'),
  user('Why is the sky blue?'),
]

const known: Readonly<Record<string, string>> = {
  chatml: `<|im_start|>system
Be brief.<|im_end|>
<|im_start|>user
 Hi <|im_end|>
<|im_start|>assistant
Hello.<|im_end|>
<|im_start|>user
Why is the sky blue?<|im_end|>
<|im_start|>assistant
`,
  deepseek:
    '<｜begin▁of▁sentence｜>Be brief.<｜User｜> Hi <｜Assistant｜>Hello.<｜end▁of▁sentence｜><｜User｜>Why is the sky blue?<｜Assistant｜>',
  gemma: `<bos><start_of_turn>user
Be brief.

 Hi<end_of_turn>
<start_of_turn>model
Hello.<end_of_turn>
<start_of_turn>user
Why is the sky blue?<end_of_turn>
<start_of_turn>model
`,
  llama2: `<s>[INST] <<SYS>>
Be brief.
<</SYS>>

 Hi [/INST] Hello. </s><s>[INST] Why is the sky blue? [/INST]`,
  llama3: `<|begin_of_text|><|start_header_id|>system<|end_header_id|>

Be brief.<|eot_id|><|start_header_id|>user<|end_header_id|>

Hi<|eot_id|><|start_header_id|>assistant<|end_header_id|>

Hello.<|eot_id|><|start_header_id|>user<|end_header_id|>

Why is the sky blue?<|eot_id|><|start_header_id|>assistant<|end_header_id|>

`,
  mistral: `<s>[INST]  Hi [/INST] Hello.</s>[INST] Be brief.

Why is the sky blue?[/INST]`,
  phi3: `<|system|>
Be brief.<|end|>
<|user|>
 Hi <|end|>
<|assistant|>
Hello.<|end|>
<|user|>
Why is the sky blue?<|end|>
<|assistant|>
`,
  zephyr: `<|system|>
Be brief.</s>
<|user|>
 Hi </s>
<|assistant|>
Hello.</s>
<|user|>
Why is the sky blue?</s>
<|assistant|>
`,
}

test('each family writes conversations in its own way', () => {
  expect(Object.keys({ ...known, qwen2: '', 'qwen2.5': '' }).toSorted()).toEqual(
    chatFamilyNames.toSorted(),
  )
  for (const [family, text] of Object.entries(known)) expect(write(family, conversation)).toBe(text)
})

test('Qwen has a system message where a conversation has none', () => {
  expect(write('qwen2', [user('Why?')])).toBe(
    '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
  )
  for (const family of ['qwen2', 'qwen2.5'])
    expect(write(family, conversation)).toBe(known['chatml'])
})

test('a conversation may end with its last message', () => {
  const ended = (family: string) =>
    write(family, [user('Hi'), assistant('Hello.')], { addGenerationPrompt: false })
  expect(ended('llama3')).toMatch(/Hello\.<\|eot_id\|>$/)
  expect(ended('gemma')).toBe(
    '<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n',
  )
  expect(ended('mistral')).toBe('<s>[INST] Hi[/INST] Hello.</s>')
})

test('what comes before a question is what a model continues with one', () => {
  expect(preQueryTemplate('llama3')).toBe(
    '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n',
  )
  expect(preQueryTemplate('qwen2')).toBe('<|im_start|>user\n')
  expect(preQueryTemplate('gemma')).toBe('<bos><start_of_turn>user\n')
  expect(preQueryTemplate('mistral')).toBe('<s>[INST]')
})

const jinja = `{{ bos_token }}{% for message in messages %}[{{ message.role }}] {{ message['content'] }}
{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}`

test('a Jinja text is a template, too', () => {
  const template = createChatTemplate(jinja, { who, specialTokens: { bos_token: '<s>' } })
  expect(template([user('Hi')])).toBe('<s>[user] Hi\n[assistant]')
  expect(template([user('Hi')], { addGenerationPrompt: false })).toBe('<s>[user] Hi\n')
  expect(template([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }])).toBe(
    '<s>[user] Hi\n[assistant]',
  )
})

test('a raw prompt stays as it is', () => {
  expect(write(jinja, [prompt('Once upon')])).toBe('Once upon')
  expect(write('llama3', [prompt('Once upon')])).toBe('Once upon')
})

test.each<[string, () => unknown, string]>([
  [
    'a template that does not parse',
    () => createChatTemplate('{% for x %}', { who }),
    `The chat template of LlamaCppLLM 'tiny' is no Jinja template: `,
  ],
  [
    'a family that nobody knows',
    () => createChatTemplate('lama3', { who }),
    `The chat template of LlamaCppLLM 'tiny' is 'lama3', which is neither a Jinja template nor a family of models. Did you mean 'llama3'?`,
  ],
])('%s is refused', (_, action, message) => {
  expect(errorOf(action)).toMatchObject({
    code: 'template-invalid',
    message: expect.stringContaining(message) as string,
  })
})

test.each<[string, () => unknown, string]>([
  [
    'turns that do not alternate',
    () => write('gemma', [user('Hi'), user('Hi?')]),
    `The chat template of LlamaCppLLM 'tiny' does not take this conversation: it holds a message of the user where one of the assistant is due, as user and assistant take turns after an optional system message.`,
  ],
  [
    'a system message alone',
    () => write('mistral', [system('Be brief.')]),
    'a system message needs a message of the user to stand in.',
  ],
  [
    'a role that a template refuses',
    () => write(`{{ raise_exception('System role not supported') }}`, conversation),
    `does not take this conversation: System role not supported.`,
  ],
  [
    'an image',
    () => write('llama3', [user([{ type: 'image', url: 'https://example.org/a.png' }])]),
    `LlamaCppLLM 'tiny' reads no images; ask it with texts alone.`,
  ],
])('%s is refused when it is written', (_, action, message) => {
  expect(errorOf(action)).toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining(message) as string,
  })
})
