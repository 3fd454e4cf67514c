import type { FakeWire } from '../../../bench/fake-server/fake-options.ts'

/** Cohere's chat, for the fake provider. */
export const cohereWire: FakeWire = {
  path: '/v2/chat',
  body(call, text, isCutOff) {
    const said = isCutOff ? text.slice(0, Math.floor(text.length / 2)) : text
    const usage = { input: Math.ceil(call.prompt.length / 4), output: Math.ceil(said.length / 4) }
    const tokens = { input_tokens: usage.input, output_tokens: usage.output }
    const reply = replyOf([{ type: 'text', text: said }], {
      finish_reason: isCutOff ? 'MAX_TOKENS' : 'COMPLETE',
      usage: { tokens, billed_units: tokens },
    })
    return { body: JSON.stringify(reply), usage }
  },
}

/** A reply as Cohere sends it. */
export function replyOf(content: unknown, members: object = {}): object {
  return {
    id: '1',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content },
    usage: {
      billed_units: { input_tokens: 5, output_tokens: 3 },
      tokens: { input_tokens: 71, output_tokens: 4 },
    },
    ...members,
  }
}

/** An error as Cohere words it. */
export function cohereError(message: string): object {
  return { id: '1', message }
}
