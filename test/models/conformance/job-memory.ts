import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { BatchJobs } from '../../../src/core/batch-jobs.ts'
import { request } from './llm-conformance.ts'

/** What handing in a job and reading its results took. */
export interface JobMemory {
  readonly results: number
  /** The least bytes that were held beyond those from before, in the second half of handing it in. */
  readonly heldUp: number
  /** The same, of reading its results. */
  readonly heldDown: number
}

/** Hands in a job of many requests and reads its results, once it has ended. */
export async function measureJobMemory(jobs: BatchJobs, count: number): Promise<JobMemory> {
  const { signal } = new AbortController()
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const held = () => {
    collectGarbage()
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    return arrayBuffers + heapUsed
  }
  const before = held()
  const isMeasured = (index: number) => index > count / 2 && index % 5_000 === 0
  let heldUp = Number.POSITIVE_INFINITY
  let heldDown = Number.POSITIVE_INFINITY
  async function* lines() {
    const filling = 'x'.repeat(2_000)
    for (let index = 0; index < count; index++) {
      if (isMeasured(index)) heldUp = Math.min(heldUp, held() - before)
      yield jobs.toLine({ id: `r-${index}`, request: request(`${index} ${filling}`) })
    }
  }
  const intent = { id: 'large', requests: count, submittedAt: Date.now() }
  const job = await jobs.submit(intent, lines(), signal)
  const status = await jobs.status(job, signal)
  if (status.state !== 'ended') throw new Error('The job has not ended.')
  let results = 0
  for await (const result of jobs.results(job, signal)) {
    if ('error' in result) throw result.error
    results += 1
    if (isMeasured(results)) heldDown = Math.min(heldDown, held() - before)
  }
  return { results, heldUp, heldDown }
}

/** Runs a file that prints its address in a process of its own, whose memory is not measured. */
export async function spawnServer(
  file: URL,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, [file.pathname], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    async close() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}
