import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { findToxiproxy } from '../../test/servers/build-servers.ts'
import { findFreePort } from '../../test/servers/free-port.ts'
import { waitUntil } from '../../test/e2e/wait-until.ts'
import type { Lab } from './lab.ts'

/** A fault that Toxiproxy adds to a part of the connections that are made from then on. */
export interface Toxic {
  readonly type: 'latency' | 'reset_peer' | 'limit_data' | 'timeout'
  /** `downstream` concerns answers, `upstream` requests. */
  readonly stream: 'upstream' | 'downstream'
  /** Part of the connections, from 0 to 1. */
  readonly toxicity: number
  readonly attributes: Readonly<Record<string, number>>
}

/** A TCP proxy in front of one server. */
export interface FaultyProxy {
  /** `host:port` where it listens. */
  readonly address: string
  add(toxic: Toxic): Promise<void>
  /** How many connections were made through it. */
  connections(): number
  /** Takes all faults away. */
  clear(): Promise<void>
}

/** Starts Toxiproxy in front of a server, given as `host:port`; it ends with the lab. */
export async function startFaultyProxy(lab: Lab, upstream: string): Promise<FaultyProxy> {
  const port = String(await findFreePort())
  const child = spawn(await findToxiproxy(), ['-host', '127.0.0.1', '-port', port, '-seed', '1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let connections = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('Accepted client')) connections += 1
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  lab.defer(async () => {
    process.off('exit', kill)
    const ended = once(child, 'exit')
    kill()
    await ended
  })
  const api = `http://127.0.0.1:${port}`
  const answers = async () => (await fetch(`${api}/version`).catch(() => undefined))?.ok === true
  await waitUntil(answers, 'Toxiproxy')
  const address = `127.0.0.1:${await findFreePort()}`
  await call(`${api}/proxies`, { name: 'proxy', listen: address, upstream, enabled: true })
  const names: string[] = []
  return {
    address,
    async add(toxic) {
      const name = `toxic-${names.length}`
      names.push(name)
      await call(`${api}/proxies/proxy/toxics`, { name, ...toxic })
    },
    connections: () => connections,
    clear: () => call(`${api}/reset`, {}),
  }
}

async function call(url: string, body: object): Promise<void> {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`Toxiproxy answered ${reply.status}: ${await reply.text()}`)
}
