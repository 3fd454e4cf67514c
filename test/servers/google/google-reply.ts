import { hash } from 'node:crypto'

import { fakeAnswer } from '../../../bench/fake-server/fake-answer.ts'
import { sampleOf } from '../../models/servers/sample-of.ts'

/** A request in Google's wire format, as far as it is looked at here. */
export interface GeminiAsked {
  readonly contents: readonly {
    readonly role?: string
    readonly parts: readonly { readonly text?: string }[]
  }[]
  readonly generationConfig?: Readonly<Record<string, unknown>>
}

interface EmbeddingAsked {
  readonly content: { readonly parts: readonly { readonly text?: string }[] }
  readonly outputDimensionality?: number
}

/** An answer in Google's wire format to what was asked last, as many times as it was wanted. */
export function geminiReply(asked: GeminiAsked, isCutOff = false): object {
  const prompt = promptOf(asked)
  const { candidateCount = 1, responseJsonSchema: schema } = asked.generationConfig ?? {}
  const answers = Array.from({ length: Number(candidateCount) }, (_, index) => {
    const about = index === 0 ? prompt : `${prompt} ${index}`
    const whole = schema === undefined ? fakeAnswer(about) : JSON.stringify(sampleOf(schema))
    return isCutOff ? whole.slice(0, Math.floor(whole.length / 2)) : whole
  })
  return {
    candidates: answers.map((text, index) => ({
      content: { role: 'model', parts: [{ text }] },
      finishReason: isCutOff ? 'MAX_TOKENS' : 'STOP',
      index,
    })),
    usageMetadata: usageOf(prompt, answers),
    modelVersion: 'gemini-fake',
    responseId: 'fake',
  }
}

/** What was asked last. */
export function promptOf({ contents }: GeminiAsked): string {
  return (
    contents
      .at(-1)
      ?.parts.map(({ text = '' }) => text)
      .join('') ?? ''
  )
}

function usageOf(prompt: string, answers: readonly string[]): object {
  const promptTokenCount = Math.ceil(prompt.length / 4)
  const candidatesTokenCount = Math.ceil(answers.join('').length / 4)
  const totalTokenCount = promptTokenCount + candidatesTokenCount
  return { promptTokenCount, candidatesTokenCount, totalTokenCount }
}

/** Vectors of texts; the same text always gets the same one. */
export function embeddingsReply(requests: readonly EmbeddingAsked[], dimensions: number): object {
  const texts = requests.map(({ content }) => content.parts.map(({ text = '' }) => text).join(''))
  return {
    embeddings: texts.map((text, index) => {
      const length = requests[index]?.outputDimensionality ?? dimensions
      return { values: Array.from({ length }, (_, place) => drawn(`${place} ${text}`)) }
    }),
    usageMetadata: { promptTokenCount: Math.ceil(texts.join('').length / 4) },
  }
}

function drawn(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, 8), 16) / 0x80000000 - 1
}
