import { afterEach, beforeEach, expect, test } from 'vitest'

import { collectedLines } from './collected-lines.ts'
import { formJobs } from '../../../activities/jobs/form-jobs.ts'
import { Intents } from '../../../activities/jobs/intents.ts'
import { readJob } from '../../../activities/jobs/read-job.ts'
import { writePart } from '../../../activities/jobs/request-parts.ts'
import { submitJob } from '../../../activities/jobs/submit-job.ts'
import type { BatchJobs } from '../../../src/core/batch-jobs.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import { openJournal } from '../../../src/storage/journal/open-journal.ts'
import { readJournalUsage } from '../../../src/storage/journal/read-journal-usage.ts'
import type { Store } from '../../../src/storage/store.ts'
import { Crash, createCrashingStore } from '../../graphs/crashing-store.ts'
import { startFakeBatches } from '../../servers/openai/fake-batches.ts'
import type { FakeBatches } from '../../servers/openai/fake-batches.ts'
import { useEmptyStore } from '../empty-store.ts'

const requests = 7
const mostRequests = 4
const elevenMinutes = 660_000
const store = useEmptyStore()
let fake: FakeBatches
let llm: LLM

beforeEach(start)
afterEach(stop)

async function start(): Promise<void> {
  fake = await startFakeBatches({})
  const spec = openai({ model: 'm', baseURL: `${fake.url}/v1`, apiKeyEnv: 'K' })
  llm = await openAILLM.create(spec, { K: 'key' })
}

async function stop(): Promise<void> {
  await llm.close?.()
  await fake.close()
}

/** All that a process does for the jobs of a step, from the beginning, whatever is there already. */
async function liveThrough(
  place: Store,
  attempt: number,
  now: number,
  pipeline = 'p',
): Promise<void> {
  const jobs = jobsOf(llm)
  const signal = new AbortController().signal
  const intents = new Intents(place, pipeline)
  const journal = await openJournal(place, pipeline)
  try {
    const part = await writePart(
      place,
      pipeline,
      `part-${attempt}`,
      collectedLines(jobs, journal, requests),
    )
    const ids = await formJobs([part], {
      store: place,
      intents,
      run: 'run',
      step: 'ask',
      model: 'm',
      price: null,
      limits: { mostRequests, mostBytes: jobs.mostBytes },
    })
    for (const id of ids) {
      const submitting = { intents, jobs, signal, now: () => now, reserve: async () => 'block' }
      const job = await submitJob(id, submitting)
      const { state } = await jobs.status(job, signal)
      expect(state).toBe('ended')
      await readJob(id, null, { intents, jobs, journal, signal })
    }
  } finally {
    // A process that has died stores nothing at its end.
    await journal.close().catch(() => {})
  }
}

function jobsOf({ jobs }: LLM): BatchJobs {
  if (jobs === undefined) throw new Error('The model has no jobs.')
  return jobs
}

async function expectAllOnce(pipeline = 'p'): Promise<void> {
  const { submissions, duplicates, requestsById } = fake.stats()
  expect({ submissions, duplicates }).toEqual({ submissions: 2, duplicates: 0 })
  expect(Object.keys(requestsById)).toHaveLength(requests)
  const usage = (await readJournalUsage(store(), pipeline)).get('run')
  expect(usage).toMatchObject({ calls: requests })
}

test('whichever write a process dies at, each request is in one job and its answer is counted once', async () => {
  let deaths = 0
  for (let writes = 0, hasDied = true; hasDied; writes++) {
    hasDied = false
    for (const isStored of [false, true]) {
      const pipeline = `p-${writes}-${isStored}`
      await stop()
      await start()
      const dying = createCrashingStore(store(), writes, isStored)
      const now = Date.now()
      try {
        await liveThrough(dying, 0, now, pipeline)
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        hasDied = true
        deaths++
        await liveThrough(store(), 1, now + elevenMinutes, pipeline)
      }
      await expectAllOnce(pipeline)
    }
  }
  expect(deaths).toBeGreaterThan(20)
})

test('a job whose id got lost is waited for, and handed in again only when it was nowhere for ten minutes', async () => {
  fake.set({ lostCreateReplies: 1, staleLists: 1 })
  const now = Date.now()
  await expect(liveThrough(store(), 0, now)).rejects.toMatchObject({ code: 'connection-lost' })
  // The provider's list is behind.
  await expect(liveThrough(store(), 1, now + 1_000)).rejects.toMatchObject({
    code: 'provider-unavailable',
    retryAfterMs: 30_000,
  })
  await liveThrough(store(), 2, now + 2_000)
  await expectAllOnce()
})

test('what was refused was not handed in, and is handed in again at once', async () => {
  fake.set({ reply: { status: 401, body: { error: { message: 'No.' } } } })
  const now = Date.now()
  await expect(liveThrough(store(), 0, now)).rejects.toMatchObject({ code: 'authentication' })
  fake.set({ reply: null })
  await liveThrough(store(), 1, now + 1)
  await expectAllOnce()
})
