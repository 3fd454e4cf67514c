import type { FakeWire } from '../../../bench/fake-server/fake-options.ts'
import { type GeminiAsked, geminiReply, promptOf } from '../../servers/google/google-reply.ts'

/** Lets the fake provider speak Google's wire format. */
export const geminiWire: FakeWire = {
  path: ':generateContent',
  body(call, _text, isCutOff) {
    const asked = call.body as GeminiAsked
    return {
      body: JSON.stringify(geminiReply(asked, isCutOff)),
      usage: { input: Math.ceil(promptOf(asked).length / 4), output: 50 },
    }
  },
}
