import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { FakeStats } from '../fake-server/fake-stats.ts'

/** The fake provider in a process of its own, as a provider's would be. */
export interface FakeProcess {
  /** Base URL for the OpenAI client. */
  readonly baseURL: string
  stats(): Promise<FakeStats>
  stop(): Promise<void>
}

/** Starts it with some latency. */
export async function startFakeProcess(latencyMs: number): Promise<FakeProcess> {
  const main = fileURLToPath(new URL('../fake-server/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--latency-ms', String(latencyMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  const root = url.replace(/\/v1\/?$/, '')
  await warmUp(root)
  return {
    baseURL: `${root}/v1`,
    stats: async () => (await (await fetch(`${root}/__stats`)).json()) as FakeStats,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** A provider's server has answered before: its code is compiled by the time a run begins. */
async function warmUp(root: string): Promise<void> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'warm up' }] })
  const ask = async () => {
    const reply = await fetch(`${root}/v1/chat/completions`, { method: 'POST', body })
    await reply.text()
  }
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 100 }, ask))
  await fetch(`${root}/__reset`, { method: 'POST' })
}
