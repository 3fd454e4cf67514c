import { execFileSync } from 'node:child_process'

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number
  readonly command: string
}

/** The processes whose command line names a folder, such as a keeper and its server. */
export function processesNaming(folder: string): RunningProcess[] {
  return execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
      const isIt = command?.includes(folder) === true && state?.startsWith('Z') === false
      return isIt ? [{ pid: Number(pid), command }] : []
    })
}
