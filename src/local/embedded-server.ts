import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { RetortError } from '../core/errors.ts'
import { makeFolders } from '../storage/make-folders.ts'
import { type Greeting, parseGreeting } from './keeper/greeting.ts'
import { lockHolder } from './keeper/keeper-lock.ts'
import type { KeeperOptions } from './keeper/keeper-options.ts'
import { readServerFile } from './keeper/server-file.ts'
import { isAlive } from '../storage/process-identity.ts'
import { freeBytes, toStartFailure } from './start-failure.ts'
import { findTemporalBinary } from './temporal-binary.ts'

/** Which embedded server to join, or to start. */
export interface EmbeddedServerOptions {
  /** The `.retort` folder, made where it is missing. */
  readonly folder: string
  /** Gets lines for the user while the server's binary is downloaded or built. */
  readonly onProgress?: ((line: string) => void) | undefined
  /** Ports of 127.0.0.1 that must be used; without them free ones are found. */
  readonly port?: number | undefined
  readonly uiPort?: number | undefined
}

/** A Temporal server that stays at least as long as this connection does. */
export interface EmbeddedServer {
  /** Host and port of its gRPC frontend. */
  readonly address: string
  readonly uiUrl: string
  readonly namespace: 'default'
  /** Lets the server go; where nobody else holds it, it stops after a grace time. */
  close(): void
}

/** Milliseconds that a keeper may take to be there; what its server takes is up to the keeper. */
const patienceMs = 30_000

/** Milliseconds between two looks for a keeper that is on its way. */
const lookMs = 10

/**
 * Joins the folder's Temporal server, after starting it where none runs.
 *
 * A keeper, a process of its own, owns the server: it outlives this command by ten seconds (`RETORT_KEEPER_GRACE_MS`), so that
 * the next one finds it. The connection keeps no process from ending, and finds a new keeper where one dies.
 *
 * @throws RetortError `temporal-unreachable` when no server can be had, `port-in-use` when an asked port is taken,
 * `store-read-only` when the folder cannot be written
 */
export async function connectEmbeddedServer(
  options: EmbeddedServerOptions,
): Promise<EmbeddedServer> {
  const asked = { ...options, folder: resolve(options.folder) }
  const joined = await joinFirst(asked)
  let { socket } = joined
  let isClosed = false

  const rejoinWhenLost = () => {
    socket.unref()
    socket.once('close', () => {
      // A folder that is gone takes its server with it.
      if (!isClosed && existsSync(asked.folder)) rejoin().catch(() => {})
    })
  }
  const rejoin = async () => {
    socket = (await joinKeeper(asked)).socket
    if (isClosed) socket.destroy()
    else rejoinWhenLost()
  }
  rejoinWhenLost()

  return {
    address: `127.0.0.1:${joined.port}`,
    uiUrl: `http://127.0.0.1:${joined.uiPort}`,
    namespace: 'default',
    close: () => {
      isClosed = true
      socket.destroy()
    },
  }
}

interface Joined {
  readonly socket: Socket
  readonly port: number
  readonly uiPort: number
}

async function joinFirst(options: EmbeddedServerOptions): Promise<Joined> {
  const { folder } = options
  try {
    await makeFolders(folder)
    return await joinKeeper(options)
  } catch (error) {
    throw toStartFailure(error, folder, await freeBytes(folder))
  }
}

async function joinKeeper(options: EmbeddedServerOptions): Promise<Joined> {
  const { folder } = options
  let keeper: ChildProcess | undefined
  let binary: string | undefined
  let deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const file = readServerFile(folder)
    const joined =
      file !== undefined && isAlive(file.keeper) ? await knock(file.keeperPort) : undefined
    if (joined !== undefined) return checked(joined, options)
    if (keeper?.exitCode !== undefined && keeper.exitCode !== null && keeper.exitCode !== 0)
      throw keeperFailed(folder)
    const holder = lockHolder(join(folder, 'keeper.lock'))
    const isComing = keeper?.exitCode === null || (holder !== undefined && isAlive(holder))
    if (!isComing) {
      if (binary === undefined) {
        binary = (await findTemporalBinary({ onProgress: options.onProgress })).path
        deadline = performance.now() + patienceMs
      }
      keeper = startKeeper(options, binary)
    }
    await delay(lookMs)
  }
  throw keeperFailed(folder)
}

function startKeeper(options: EmbeddedServerOptions, binary: string): ChildProcess {
  const { folder, port, uiPort } = options
  const graceMs = Number(process.env['RETORT_KEEPER_GRACE_MS'] ?? 10_000)
  const keeperOptions: KeeperOptions = { folder, binary, port, uiPort, graceMs }
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const main = fileURLToPath(new URL(`./keeper/main.${extension}`, import.meta.url))
  const log = openSync(join(folder, 'keeper.log'), 'a')
  try {
    const child = spawn(process.execPath, [main, JSON.stringify(keeperOptions)], {
      cwd: '/',
      detached: true,
      env: keeperEnvironment(),
      stdio: ['ignore', log, log],
    })
    child.on('error', () => {})
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** What a process that stays may know: no key that the command was given. */
function keeperEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'USER', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'SystemRoot']
  return Object.fromEntries(names.map((name) => [name, process.env[name]]))
}

/** Waits at a keeper's door until it says how its server fares; `undefined` where it goes instead. */
function knock(port: number): Promise<{ socket: Socket; greeting: Greeting } | undefined> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.on('error', () => {})
    socket.once('close', () => settle(undefined))
    socket.on('data', (part) => {
      text += part.toString()
      if (text.includes('\n'))
        settle({ socket, greeting: parseGreeting(text.split('\n')[0] ?? '') })
    })
  })
}

function checked(
  { socket, greeting }: { socket: Socket; greeting: Greeting },
  options: EmbeddedServerOptions,
): Joined {
  if (!greeting.ready) {
    socket.destroy()
    throw new RetortError(greeting.code, greeting.message, { data: greeting.data })
  }
  const { port, uiPort } = greeting
  const differs = (options.port ?? port) !== port || (options.uiPort ?? uiPort) !== uiPort
  if (!differs) return { socket, port, uiPort }
  socket.destroy()
  throw new RetortError(
    'usage',
    `The embedded server of '${options.folder}' runs already, on port ${port} with its UI on ${uiPort}; leave the ports out, or wait until its commands have ended.`,
    { data: { port, uiPort } },
  )
}

function keeperFailed(folder: string): RetortError {
  const log = readFileSync(join(folder, 'keeper.log'), 'utf8').trimEnd()
  return new RetortError(
    'temporal-unreachable',
    `The keeper of the embedded server in '${folder}' failed: ${log.slice(-2000)}`,
  )
}
