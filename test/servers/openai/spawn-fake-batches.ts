import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { FakeBatchesOptions, FakeBatchesStats } from './batch-options.ts'

/** A fake of OpenAI in a process of its own. */
export interface FakeBatchesProcess {
  readonly url: string
  stats(): Promise<FakeBatchesStats>
  set(options: Partial<FakeBatchesOptions>): Promise<void>
  close(): Promise<void>
}

/** Starts `fake-batches.ts` in a process of its own. */
export async function spawnFakeBatches(
  options: Partial<FakeBatchesOptions>,
): Promise<FakeBatchesProcess> {
  const path = fileURLToPath(new URL('./fake-batches.ts', import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    async stats() {
      return (await (await fetch(`${url}/__stats`)).json()) as FakeBatchesStats
    },
    async set(changes) {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(changes)
      const reply = await fetch(`${url}/__set`, { method: 'POST', headers, body })
      if (!reply.ok) throw new Error(`The fake refused ${body}.`)
    },
    async close() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}
