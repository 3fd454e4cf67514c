import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { FakeOptions } from '../fake-server/fake-options.ts'
import type { FakeStats } from '../fake-server/fake-stats.ts'

/** The fake provider in a process of its own, as a provider's would be. */
export interface FakeProcess {
  /** Base URL for the OpenAI client. */
  readonly baseURL: string
  stats(): Promise<FakeStats>
  /** Changes how it behaves from the next request on. */
  set(options: Partial<FakeOptions>): Promise<void>
  /** Sets its counts to zero. */
  reset(): Promise<void>
  stop(): Promise<void>
}

/** Starts it; how it behaves holds once it is warm. */
export async function startFakeProcess(options: Partial<FakeOptions>): Promise<FakeProcess> {
  const main = fileURLToPath(new URL('../fake-server/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  const root = url.replace(/\/v1\/?$/, '')
  const post = async (path: string, body: object) => {
    const reply = await fetch(`${root}${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!reply.ok) throw new Error(`The fake provider answered ${path} with ${reply.status}.`)
    await reply.text()
  }
  await warmUp(root)
  await post('/__set', options)
  await post('/__reset', {})
  return {
    baseURL: `${root}/v1`,
    stats: async () => (await (await fetch(`${root}/__stats`)).json()) as FakeStats,
    set: (changes) => post('/__set', changes),
    reset: () => post('/__reset', {}),
    async stop() {
      process.off('exit', kill)
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
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
}
