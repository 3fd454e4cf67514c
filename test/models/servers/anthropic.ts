import { startFakeAnthropic } from '../anthropic/fake-anthropic.ts'

/** Starts a server that speaks Anthropic's API: it answers any conversation, also in batches. */
export async function startAnthropic(): Promise<{ url: string; close(): Promise<void> }> {
  return await startFakeAnthropic()
}
