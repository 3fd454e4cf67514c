import { startFakeCohere } from '../cohere/fake-cohere.ts'

/** Starts a server that speaks Cohere's API: it answers any conversation and makes vectors of texts. */
export async function startCohere(): Promise<{ url: string; close(): Promise<void> }> {
  return await startFakeCohere()
}
