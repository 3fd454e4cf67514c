import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process that no other can be taken for: a pid alone may be given out again. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, as its system tells; empty where the system doesn't. */
  readonly start: string
  /** The machine since its last start, or the container: where the pid means something. */
  readonly host: string
}

/** The identity of a process of this host, this one by default. */
export function identityOf(pid: number = process.pid): ProcessIdentity {
  return { pid, start: processStart(pid) ?? '', host: identifyHost() }
}

/** Whether a process still runs. One on another host counts as alive: only its silence can tell. */
export function isAlive(identity: ProcessIdentity): boolean {
  return hasEnded(identity) !== true
}

/** Whether a process has certainly ended; `undefined` where that cannot be seen from here. */
export function hasEnded({ pid, start, host }: ProcessIdentity): boolean | undefined {
  if (host !== identifyHost()) return undefined
  return start === '' ? !isRunning(pid) : processStart(pid) !== start
}

/** Whether any process of this host has a pid: cheaper than {@link isAlive}, for who knows its start already. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When a process of this host started, as an opaque text; `undefined` where none runs, or the system can't tell. */
function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStart(pid)
  if (process.platform === 'win32') return undefined
  return psStart(pid)
}

function identifyHost(): string {
  if (process.platform !== 'linux') return hostname()
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses, which may hold spaces and parentheses.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return 'ZX'.includes(state) ? undefined : fields[18]
  } catch {
    return undefined
  }
}

function psStart(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
  } catch {
    return undefined
  }
}
