import { startFakeMistral } from '../../servers/mistral/fake-mistral.ts'

/** Starts what speaks Mistral's API, and answers any conversation: `mistral`, `mistralEmbeddings`. */
export async function startMistral(): Promise<{ url: string; close(): Promise<void> }> {
  return startFakeMistral()
}
