import { fakeAnswer, fakeJsonAnswer } from '../../../bench/fake-server/fake-answer.ts'
import type { FakeWire } from '../../../bench/fake-server/fake-options.ts'

/** A request in Google's wire format, as far as it is looked at here. */
export interface GeminiAsked {
  readonly contents: readonly {
    readonly role?: string
    readonly parts: readonly { text?: string }[]
  }[]
  readonly systemInstruction?: { readonly parts: readonly { text?: string }[] }
  readonly generationConfig?: Readonly<Record<string, unknown>>
}

/** An answer in Google's wire format to what was asked last, as many times as it was wanted. */
export function geminiReply(asked: GeminiAsked, isCutOff = false): object {
  const prompt = promptOf(asked)
  const { candidateCount = 1, responseMimeType } = asked.generationConfig ?? {}
  const answers = Array.from({ length: Number(candidateCount) }, (_, index) => {
    const about = index === 0 ? prompt : `${prompt} ${index}`
    const whole =
      responseMimeType === 'application/json' ? fakeJsonAnswer(about) : fakeAnswer(about)
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

/** Lets the fake provider speak Google's wire format. */
export const geminiWire: FakeWire = {
  path: ':generateContent',
  body(call, _text, isCutOff) {
    const asked = call.body as GeminiAsked
    const prompt = promptOf(asked)
    return {
      body: JSON.stringify(geminiReply(asked, isCutOff)),
      usage: { input: Math.ceil(prompt.length / 4), output: 50 },
    }
  },
}

function promptOf({ contents }: GeminiAsked): string {
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
