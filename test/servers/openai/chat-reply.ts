import { fakeAnswer, fakeJsonAnswer } from '../../../bench/fake-server/fake-answer.ts'

/** Paths of requests that the fake answers, online and in jobs. */
export const answeredPaths: ReadonlySet<unknown> = new Set([
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
])

interface AskedBody {
  readonly model?: string
  readonly messages?: readonly AskedMessage[]
  readonly input?: string | readonly AskedMessage[]
  readonly prompt?: string
  readonly n?: number
  readonly response_format?: { readonly type?: string }
}

interface AskedMessage {
  readonly role?: string
  readonly content?: unknown
}

/** The reply to a request; the same request always gets the same one. */
export function modelReply(
  path: string,
  body: unknown,
  answer: ((prompt: string) => string) | null,
): object {
  const asked = body as AskedBody
  const prompt = promptOf(asked)
  const isJson = asked.response_format?.type?.startsWith('json') === true
  const texts = Array.from({ length: asked.n ?? 1 }, (_, index) =>
    (answer ?? (isJson ? fakeJsonAnswer : fakeAnswer))(index === 0 ? prompt : `${prompt} ${index}`),
  )
  const input = Math.ceil(JSON.stringify(asked.messages ?? asked.input ?? prompt).length / 4)
  const output = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
  const { model = '' } = asked
  if (path === '/v1/responses') return responseBody(model, texts.join(''), input, output)
  return {
    id: 'fake',
    object: path === '/v1/completions' ? 'text_completion' : 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: texts.map((text, index) => ({
      index,
      ...(path === '/v1/completions'
        ? { text }
        : { message: { role: 'assistant', content: text } }),
      finish_reason: 'stop',
    })),
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  }
}

function promptOf({ messages, input, prompt }: AskedBody): string {
  if (prompt !== undefined) return prompt
  if (typeof input === 'string') return input
  const content = (messages ?? input ?? []).findLast(({ role }) => role === 'user')?.content
  return typeof content === 'string' ? content : JSON.stringify(content ?? '')
}

function responseBody(model: string, text: string, input: number, output: number): object {
  const content = [{ type: 'output_text', text, annotations: [] }]
  return {
    id: 'fake',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    model,
    output: [{ id: 'message', type: 'message', role: 'assistant', status: 'completed', content }],
    usage: { input_tokens: input, output_tokens: output, total_tokens: input + output },
  }
}
