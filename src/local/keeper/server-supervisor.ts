import { setTimeout as delay } from 'node:timers/promises'
import { RetortError } from '../../core/errors.ts'
import {
  identityOf,
  isAlive,
  isRunning,
  type ProcessIdentity,
} from '../../storage/process-identity.ts'
import type { ClientDoor } from './client-door.ts'
import { arePortsFree, choosePorts, isPortFree } from './free-port.ts'
import type { KeeperOptions } from './keeper-options.ts'
import { type Ports, readServerFile, type ServerFile, writeServerFile } from './server-file.ts'
import {
  endServer,
  lastLogLine,
  startServer,
  truncateServerLog,
  waitUntilServing,
} from './server-process.ts'

/** Milliseconds that a server may take to serve: opening a large history takes a while. */
const startPatienceMs = 30_000
/** Milliseconds that a server found running may take to answer. */
const adoptPatienceMs = 3000
/** How often a server is started that does not come up. */
const maxStarts = 5

type Ended = () => Promise<void>

interface Running {
  readonly ports: Ports
  readonly ended: Ended
}

interface Surroundings {
  readonly self: ProcessIdentity
  readonly door: ClientDoor
  /** Aborted when no server may be started any more. */
  readonly signal: AbortSignal
}

/** A server that is started, and started again whenever it dies. */
export interface Supervisor {
  /** The process that runs at the moment. */
  server(): ProcessIdentity | undefined
  /** Resolves with what is wrong where no server comes up. */
  readonly failed: Promise<unknown>
}

/** Adopts the server that an earlier keeper left, or starts one, and keeps it going. */
export function superviseServer(options: KeeperOptions, surroundings: Surroundings): Supervisor {
  const { folder, binary } = options
  const { self, door, signal } = surroundings
  let server: ServerFile['server']

  const publish = () =>
    writeServerFile(folder, {
      version: 1,
      keeper: self,
      keeperPort: door.port,
      ...(server === undefined ? {} : { server }),
    })

  /** The end of a server that serves; `undefined` where it did not come up. */
  const start = async (ports: Ports): Promise<Ended | undefined> => {
    signal.throwIfAborted()
    const child = startServer({ binary, folder, ...ports })
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    if (child.pid === undefined) return undefined
    const started = identityOf(child.pid)
    server = { ...started, ...ports }
    publish()
    if (await waitUntilServing(started, ports.port, startPatienceMs)) return () => exited
    await endServer(started, 0)
    return undefined
  }

  const adopt = async (): Promise<Running | undefined> => {
    if (server === undefined || !isAlive(server)) return undefined
    const { pid, port, uiPort } = server
    if (await waitUntilServing(server, port, adoptPatienceMs)) {
      return { ports: { port, uiPort }, ended: () => whenEnded(pid) }
    }
    await endServer(server, 0)
    return undefined
  }

  const startFirst = async (remembered: Ports | undefined): Promise<Running> => {
    for (let attempt = 0; attempt < maxStarts; attempt++) {
      const ports = await portsToTry(options, attempt === 0 ? remembered : undefined, attempt)
      const ended = await start(ports)
      if (ended !== undefined) return { ports, ended }
    }
    throw notStarted(folder)
  }

  const startAgain = async (ports: Ports): Promise<Ended> => {
    for (let attempt = 0; attempt < maxStarts; attempt++) {
      await delay(attempt * 500)
      const ended = await start(ports)
      if (ended !== undefined) return ended
    }
    throw notStarted(folder)
  }

  const run = async (): Promise<never> => {
    server = readServerFile(folder)?.server
    publish()
    truncateServerLog(folder)
    let { ports, ended } = (await adopt()) ?? (await startFirst(server))
    for (;;) {
      door.greet({ ready: true, ...ports })
      await ended()
      door.greet(undefined)
      ended = await startAgain(ports)
    }
  }

  return {
    server: () => server,
    failed: run().catch((error: unknown) => error),
  }
}

async function portsToTry(
  options: KeeperOptions,
  remembered: Ports | undefined,
  attempt: number,
): Promise<Ports> {
  for (const port of [options.port, options.uiPort]) {
    if (port !== undefined && !(await isPortFree(port))) {
      throw new RetortError(
        'port-in-use',
        `Port ${port} of 127.0.0.1 is in use by another program; name another or leave it out.`,
        { data: { port } },
      )
    }
  }
  const found =
    remembered !== undefined && (await arePortsFree(remembered))
      ? remembered
      : await choosePorts(options.folder, attempt)
  return {
    port: options.port ?? found.port,
    uiPort: options.uiPort ?? found.uiPort,
  }
}

async function whenEnded(pid: number): Promise<void> {
  while (isRunning(pid)) await delay(200)
}

function notStarted(folder: string): RetortError {
  return new RetortError(
    'temporal-unreachable',
    `The embedded Temporal server of '${folder}' did not start; its log ends with: ${lastLogLine(folder)}`,
  )
}
