import { startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import { messagesWire } from '../anthropic/messages-wire.ts'

/** Starts a server that speaks Anthropic's Messages API and answers any conversation. */
export async function startAnthropic(): Promise<{ url: string; close(): Promise<void> }> {
  return await startFakeServer({ wire: messagesWire })
}
