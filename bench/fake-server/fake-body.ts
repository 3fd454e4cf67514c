import type { FakeBody, FakeCall, FakeOptions } from './fake-options.ts'

/** What an answer is like beside its text. */
interface AnswerTraits {
  readonly cutOff: FakeOptions['cutOffFinishReason'] | undefined
  readonly thoughts: string | null
}

/** What a request asks for beside an answer. */
interface Wanted {
  readonly n?: number
  readonly logprobs?: boolean | number | null
  readonly tools?: readonly { readonly function?: { readonly name?: string } }[]
}

/** A body that both OpenAI's and Mistral's clients read, of the API that a request's path is of. */
export function answerBody(
  call: FakeCall,
  answerOf: (choice: number) => string,
  traits: AnswerTraits,
): FakeBody {
  const wanted = (call.body ?? {}) as Wanted
  const texts = Array.from({ length: wanted.n ?? 1 }, (_, choice) => cut(answerOf(choice), traits))
  const usage = {
    input: Math.ceil(call.prompt.length / 4),
    output: Math.ceil((texts.join('').length + (traits.thoughts?.length ?? 0)) / 4),
  }
  if (call.path.endsWith('/responses'))
    return { body: responseBody(call, texts[0] ?? '', traits, usage), usage }
  const isChat = call.path.includes('/chat/')
  const choices = texts.map((text, index) =>
    isChat ? chatChoice(text, index, wanted, traits) : textChoice(text, index, wanted, traits),
  )
  const details =
    traits.thoughts === null
      ? ''
      : `,"completion_tokens_details":{"reasoning_tokens":${Math.ceil(traits.thoughts.length / 4)}}`
  const body = `{"id":"fake-${call.index}","object":"${isChat ? 'chat.completion' : 'text_completion'}","created":1700000000,"model":${JSON.stringify(call.model)},"choices":[${choices.join()}],"usage":{"prompt_tokens":${usage.input},"completion_tokens":${usage.output},"total_tokens":${usage.input + usage.output}${details}}}`
  return { body, usage }
}

function cut(text: string, { cutOff }: AnswerTraits): string {
  return cutOff === undefined ? text : text.slice(0, Math.floor(text.length / 2))
}

function chatChoice(
  text: string,
  index: number,
  { tools, logprobs }: Wanted,
  { cutOff, thoughts }: AnswerTraits,
): string {
  const name = tools?.[0]?.function?.name
  const said =
    name === undefined
      ? `"content":${JSON.stringify(text)}`
      : `"content":null,"tool_calls":[{"id":"call","type":"function","function":${JSON.stringify({ name, arguments: text })}}]`
  const thought = thoughts === null ? '' : `,"reasoning_content":${JSON.stringify(thoughts)}`
  const likely = isAsked(logprobs)
    ? `,"logprobs":{"content":${JSON.stringify(wordsOf(text).map((token) => ({ token, ...likelihood(token) })))}}`
    : ''
  const reason = cutOff ?? (name === undefined ? 'stop' : 'tool_calls')
  return `{"index":${index},"message":{"role":"assistant",${said}${thought}},"finish_reason":"${reason}"${likely}}`
}

function textChoice(
  text: string,
  index: number,
  { logprobs }: Wanted,
  { cutOff }: AnswerTraits,
): string {
  const tokens = wordsOf(text)
  const likely = isAsked(logprobs)
    ? { tokens, token_logprobs: tokens.map(() => -0.5), top_logprobs: null }
    : null
  return JSON.stringify({ index, text, finish_reason: cutOff ?? 'stop', logprobs: likely })
}

function responseBody(
  call: FakeCall,
  text: string,
  { cutOff, thoughts }: AnswerTraits,
  { input, output }: FakeBody['usage'],
): string {
  const isCut = cutOff === 'length'
  const reasoning =
    thoughts === null
      ? []
      : [{ type: 'reasoning', summary: [{ type: 'summary_text', text: thoughts }] }]
  const content = [{ type: 'output_text', text, annotations: [] }]
  return JSON.stringify({
    id: `fake-${call.index}`,
    object: 'response',
    status: isCut ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    model: call.model,
    output: [...reasoning, { type: 'message', role: 'assistant', content }],
    usage: { input_tokens: input, output_tokens: output, total_tokens: input + output },
  })
}

function isAsked(logprobs: Wanted['logprobs']): boolean {
  return logprobs === true || typeof logprobs === 'number'
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\s*\S+/g) ?? []
}

function likelihood(token: string): object {
  return { logprob: -0.5, bytes: null, top_logprobs: [{ token, logprob: -0.5, bytes: null }] }
}
