import { startFakeGoogle } from '../../servers/google/fake-google.ts'

/** Starts what speaks the Gemini API and Vertex AI, and answers any conversation: `gemini`, `vertexAI`, `googleEmbeddings`. */
export async function startGoogle(): Promise<{ url: string; close(): Promise<void> }> {
  return startFakeGoogle()
}
