import { fakeAnswer } from '../../../bench/fake-server/fake-answer.ts'
import { sampleOf } from '../../models/servers/sample-of.ts'
import { vectorOf } from '../openai/embedding-reply.ts'

/** A chat completion that is asked for, as far as it is looked at here. */
export interface MistralAsked {
  readonly model?: string
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  readonly n?: number
  readonly response_format?: { readonly json_schema?: { readonly schema?: unknown } }
}

interface EmbeddingAsked {
  readonly model: string
  readonly input: readonly string[]
  readonly output_dimension?: number
}

/** An answer to what was asked last, as many times as it was wanted. */
export function mistralReply({
  model,
  messages,
  n = 1,
  response_format: format,
}: MistralAsked): object {
  const prompt = JSON.stringify(messages.at(-1)?.content ?? '')
  const schema = format?.json_schema?.schema
  const answers = Array.from({ length: n }, (_, index) => {
    if (schema !== undefined) return JSON.stringify(sampleOf(schema))
    return fakeAnswer(index === 0 ? prompt : `${prompt} ${index}`)
  })
  const input = Math.ceil(prompt.length / 4)
  const output = Math.ceil(answers.join('').length / 4)
  return {
    id: 'fake',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: model ?? 'mistral-fake',
    choices: answers.map((content, index) => ({
      index,
      message: { role: 'assistant', content, tool_calls: null },
      finish_reason: 'stop',
    })),
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  }
}

/** Vectors of texts; the same text always gets the same one. */
export function mistralEmbeddings(
  { model, input, output_dimension: dimension }: EmbeddingAsked,
  { dimensions, reversesVectors }: { dimensions: number; reversesVectors: boolean },
): object {
  const data = input.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: [...vectorOf(text, dimension ?? dimensions)],
  }))
  const tokens = input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
  return {
    id: 'fake',
    object: 'list',
    model,
    data: reversesVectors ? data.toReversed() : data,
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
  }
}
