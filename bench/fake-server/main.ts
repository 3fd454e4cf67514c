import { parseArgs } from 'node:util'

import { defaultFakeOptions } from './fake-options.ts'
import { startFakeServer } from './fake-server.ts'

/** Runs the fake provider in a process of its own: `node main.ts --latency-ms 100 --error-share 0.3`. */
async function main(): Promise<void> {
  const names = [...Object.keys(defaultFakeOptions), 'port']
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [toFlag(name), { type: 'string' as const }])),
  })
  const options: Record<string, unknown> = {}
  for (const name of names) {
    const value = values[toFlag(name)]
    if (value !== undefined) options[name] = parseValue(value)
  }
  const server = await startFakeServer(options)
  process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`)
  const stop = () => void server.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function toFlag(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function parseValue(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

await main()
