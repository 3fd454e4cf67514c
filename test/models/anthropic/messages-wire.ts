import type { FakeWire } from '../../../bench/fake-server/fake-options.ts'

/** Anthropic's Messages API, for the fake provider. */
export const messagesWire: FakeWire = {
  path: '/v1/messages',
  body(call, text, isCutOff) {
    const said = isCutOff ? text.slice(0, Math.floor(text.length / 2)) : text
    const usage = { input: Math.ceil(call.prompt.length / 4), output: Math.ceil(said.length / 4) }
    const message = messageOf([{ type: 'text', text: said }], {
      model: call.model,
      stop_reason: isCutOff ? 'max_tokens' : 'end_turn',
      usage: { input_tokens: usage.input, output_tokens: usage.output },
    })
    return { body: JSON.stringify(message), usage }
  },
}

/** A message as Anthropic sends it. */
export function messageOf(content: unknown, members: object = {}): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'small',
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: 3 },
    ...members,
  }
}

/** An error as Anthropic words it. */
export function anthropicError(type: string, message: string, details?: object): object {
  return { type: 'error', error: { type, message, details }, request_id: 'req_1' }
}
