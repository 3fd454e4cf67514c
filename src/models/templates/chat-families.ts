import type { ChatRole } from '../../core/chat.ts'

type Turn = readonly [before: string, after: string]

/** How a family of models writes conversations. */
export interface ChatFamily {
  /** What every conversation begins with. */
  readonly start: string
  /** What stands around a system message, and the turn that it is a part of where it has none of its own. */
  readonly system: Turn
  readonly systemIn?: 'first user turn' | 'last user turn'
  readonly user: Turn
  readonly assistant: Turn
  /** What an answer follows; what stands before other answers where this is left out. */
  readonly opening?: string
  /** The system message of conversations without one. */
  readonly defaultSystem?: string
  /** Whose messages lose white space around them. */
  readonly trims?: readonly ChatRole[]
  /** Whether user and assistant have to take turns, beginning with the user. */
  readonly alternates?: boolean
}

const chatml: ChatFamily = {
  start: '',
  system: ['<|im_start|>system\n', '<|im_end|>\n'],
  user: ['<|im_start|>user\n', '<|im_end|>\n'],
  assistant: ['<|im_start|>assistant\n', '<|im_end|>\n'],
}

const families = {
  chatml,
  /** DeepSeek V2.5 and V3. */
  deepseek: {
    start: '<｜begin▁of▁sentence｜>',
    system: ['', ''],
    user: ['<｜User｜>', ''],
    assistant: ['<｜Assistant｜>', '<｜end▁of▁sentence｜>'],
  },
  gemma: {
    start: '<bos>',
    system: ['', '\n\n'],
    systemIn: 'first user turn',
    user: ['<start_of_turn>user\n', '<end_of_turn>\n'],
    assistant: ['<start_of_turn>model\n', '<end_of_turn>\n'],
    trims: ['user', 'assistant'],
    alternates: true,
  },
  llama2: {
    start: '',
    system: ['<<SYS>>\n', '\n<</SYS>>\n\n'],
    systemIn: 'first user turn',
    user: ['<s>[INST] ', ' [/INST]'],
    assistant: [' ', ' </s>'],
    opening: '',
    trims: ['user', 'assistant'],
    alternates: true,
  },
  llama3: {
    start: '<|begin_of_text|>',
    system: ['<|start_header_id|>system<|end_header_id|>\n\n', '<|eot_id|>'],
    user: ['<|start_header_id|>user<|end_header_id|>\n\n', '<|eot_id|>'],
    assistant: ['<|start_header_id|>assistant<|end_header_id|>\n\n', '<|eot_id|>'],
    trims: ['system', 'user', 'assistant'],
  },
  /** The third version of Mistral's tokenizers, as that of Mistral-7B-Instruct-v0.3. */
  mistral: {
    start: '<s>',
    system: ['', '\n\n'],
    systemIn: 'last user turn',
    user: ['[INST] ', '[/INST]'],
    assistant: [' ', '</s>'],
    opening: '',
    trims: ['assistant'],
    alternates: true,
  },
  phi3: {
    start: '',
    system: ['<|system|>\n', '<|end|>\n'],
    user: ['<|user|>\n', '<|end|>\n'],
    assistant: ['<|assistant|>\n', '<|end|>\n'],
  },
  qwen2: { ...chatml, defaultSystem: 'You are a helpful assistant.' },
  'qwen2.5': {
    ...chatml,
    defaultSystem: 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.',
  },
  zephyr: {
    start: '',
    system: ['<|system|>\n', '</s>\n'],
    user: ['<|user|>\n', '</s>\n'],
    assistant: ['<|assistant|>\n', '</s>\n'],
  },
} as const satisfies Record<string, ChatFamily>

/** Names of the families of models whose way to write conversations is known. */
export type ChatFamilyName = keyof typeof families

/** Those names, as a list. */
export const chatFamilyNames: readonly string[] = Object.keys(families)

/** The family of a name; `undefined` where none has it. */
export function chatFamilyOf(name: string): ChatFamily | undefined {
  return Object.hasOwn(families, name) ? families[name as ChatFamilyName] : undefined
}

/**
 * The text before a user's message, which a model of a family continues with a message that a user could have written.
 *
 * Magpie (https://arxiv.org/abs/2406.08464) makes instructions so: `<|im_start|>user\n` for `qwen2`. It begins as every
 * conversation of the family does, but has no system message.
 */
export function preQueryTemplate(family: ChatFamilyName): string {
  const { start, user }: ChatFamily = families[family]
  // The space belongs to the token of the word that follows.
  return `${start}${user[0]}`.replace(/ $/, '')
}
