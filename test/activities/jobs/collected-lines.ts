import type { InputLine } from '../../../activities/jobs/intents.ts'
import type { BatchJobs } from '../../../src/core/batch-jobs.ts'
import { user } from '../../../src/core/chat.ts'
import { hashText } from '../../../src/core/hash.ts'
import type { Journal } from '../../../src/storage/journal/journal.ts'

/** So many requests, without those that the journal answers, as they are found of a shard. */
export async function* collectedLines(
  jobs: BatchJobs,
  journal: Journal,
  requests: number,
): AsyncGenerator<InputLine> {
  for (let position = 0; position < requests; position++) {
    const messages = [user(`Prompt ${position}`)]
    const hash = hashText(`request ${position}`).slice(0, 32)
    if ((await journal.find([hash])).has(hash)) continue
    yield {
      hash,
      place: `ask/${position}/0/0`,
      position,
      worst: { inputTokens: 10, outputTokens: 100 },
      text: jobs.toLine({ id: hash, request: { messages, parameters: {}, sampleIndex: 0 } }),
    }
  }
}
