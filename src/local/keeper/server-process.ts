import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, type ProcessIdentity } from '../../storage/process-identity.ts'
import type { Ports } from './server-file.ts'
import { isServing } from './server-health.ts'

/** What starting a server takes. */
export interface ServerOptions extends Ports {
  /** The `temporal` binary. */
  readonly binary: string
  readonly folder: string
}

const maxLogBytes = 16_000_000

/** Empties a folder's server log once it has grown large. */
export function boundServerLog(folder: string): void {
  if (statSync(logPath(folder)).size > maxLogBytes) truncateServerLog(folder)
}

/** Empties a folder's server log; the server goes on writing to it. */
export function truncateServerLog(folder: string): void {
  writeFileSync(logPath(folder), '')
}

/** What a folder's server said last. */
export function lastLogLine(folder: string): string {
  const lines = readFileSync(logPath(folder), 'utf8').trimEnd().split('\n')
  return lines.at(-1) ?? ''
}

/** Starts a Temporal development server whose history lies in the folder; it outlives this process. */
export function startServer(options: ServerOptions): ChildProcess {
  const log = openSync(logPath(options.folder), 'a')
  try {
    return spawn(options.binary, serverArguments(options), {
      // So a list of processes tells whose server it is.
      argv0: `temporal ${options.folder}`,
      cwd: options.folder,
      detached: true,
      stdio: ['ignore', log, log],
    })
  } finally {
    closeSync(log)
  }
}

/** Waits until a server serves; false when its process ends, or nothing serves in time. */
export async function waitUntilServing(
  server: ProcessIdentity,
  port: number,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline) {
    if (await isServing(port)) return true
    if (!isAlive(server)) return false
    await delay(10)
  }
  return false
}

/** Ends a server, by force where it takes longer than `patienceMs`, and waits until it is gone. */
export async function endServer(server: ProcessIdentity, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs
  if (patienceMs > 0) signal(server, 'SIGTERM')
  while (isAlive(server)) {
    if (performance.now() >= deadline) signal(server, 'SIGKILL')
    await delay(20)
  }
}

function signal(server: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isAlive(server)) process.kill(server.pid, name)
  } catch {
    // It ended between the look and the signal.
  }
}

function serverArguments({ port, uiPort }: Ports): string[] {
  const values = {
    ip: '127.0.0.1',
    port: String(port),
    'ui-port': String(uiPort),
    // Relative to the working folder, since a path with `?` or `#` would be cut off there.
    'db-filename': 'temporal.db',
    'log-level': 'warn',
  }
  const flags = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value])
  const pragmas = sqlitePragmas.flatMap((pragma) => ['--sqlite-pragma', pragma])
  const config = dynamicConfig.flatMap((value) => ['--dynamic-config-value', value])
  return ['server', 'start-dev', ...flags, ...pragmas, ...config]
}

/** Twice the throughput of the defaults; a power failure may cost the last commits, a crash none. */
const sqlitePragmas = ['journal_mode=wal', 'synchronous=1']

const dynamicConfig = [
  // 20 by default: every task that follows another would wait 50 ms, a one-activity workflow 150 ms instead of 30.
  'history.transferProcessorMaxPollRPS=200',
  // Asks a server on the internet whether there is a newer release.
  'frontend.enableServerVersionCheck=false',
]

function logPath(folder: string): string {
  return join(folder, 'server.log')
}
