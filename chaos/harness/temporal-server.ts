import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { endServer, startServer, waitUntilServing } from '../../src/local/keeper/server-process.ts'
import { findTemporalBinary } from '../../src/local/temporal-binary.ts'
import { identityOf, isAlive } from '../../src/storage/process-identity.ts'
import { findFreePort } from '../../test/servers/free-port.ts'
import type { Lab } from './lab.ts'

/** A Temporal server of the suite's own, whose history lies in a file. */
export interface TemporalServer {
  readonly address: string
  kill(): Promise<void>
  /** Starts it anew after `kill` at the same address, on its file or on an empty one. */
  restart(file: 'on its file' | 'empty'): Promise<void>
}

/** Starts it; it ends with the lab. */
export async function startTemporalServer(lab: Lab, name: string): Promise<TemporalServer> {
  const folder = join(lab.folder, name)
  mkdirSync(folder)
  const { path: binary } = await findTemporalBinary()
  const ports = { port: await findFreePort(), uiPort: await findFreePort() }
  const start = async () => {
    const child = startServer({ binary, folder, ...ports })
    child.unref()
    if (child.pid === undefined) throw new Error(`${binary} could not be started.`)
    const identity = identityOf(child.pid)
    if (!(await waitUntilServing(identity, ports.port, 30_000)))
      throw new Error(`Temporal did not start; its log is in ${folder}.`)
    return identity
  }
  let server = await start()
  const kill = () => {
    if (isAlive(server)) process.kill(server.pid, 'SIGKILL')
  }
  process.once('exit', kill)
  lab.defer(async () => {
    process.off('exit', kill)
    await endServer(server, 0)
  })
  return {
    address: `127.0.0.1:${ports.port}`,
    kill: () => endServer(server, 0),
    async restart(file) {
      if (file === 'empty')
        for (const entry of readdirSync(folder))
          if (entry.startsWith('temporal.db')) rmSync(join(folder, entry))
      server = await start()
    },
  }
}
