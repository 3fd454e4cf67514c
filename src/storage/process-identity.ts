import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells a process from every other one, also from a later one with the same pid. */
export interface ProcessIdentity {
  /** The machine since its last start, or the container: where the pid means something. */
  readonly host: string
  readonly pid: number
  /** When the process started, as its system writes it. */
  readonly started: string
}

/** Identifies the running process. */
export function identifyThisProcess(): ProcessIdentity {
  return { host: identifyHost(), pid: process.pid, started: startOf(process.pid) ?? '' }
}

/** Whether a process has certainly ended; `undefined` where that cannot be seen from here. */
export function hasEnded(identity: ProcessIdentity): boolean | undefined {
  if (identity.host !== identifyHost()) return undefined
  return startOf(identity.pid) !== identity.started
}

function identifyHost(): string {
  if (process.platform !== 'linux') return hostname()
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
}

function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name, in parentheses, may itself hold spaces and parentheses.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : rest[18]
  } catch {
    return undefined
  }
}
