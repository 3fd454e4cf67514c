import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'

/** A shell command that is going. */
export interface Shell {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; output: string }>
  output(): string
}

/** Starts a command line as somebody would type it, with this Node first on the path. */
export function startShell(folder: string, line: string, env: NodeJS.ProcessEnv = {}): Shell {
  const child = spawn('bash', ['-c', line], {
    cwd: folder,
    detached: true,
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      RETORT_KEEPER_GRACE_MS: '3000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => (output += piece.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  return { child, ended, output: () => output }
}

/** Runs it to its end and gives what it printed. @throws where it fails */
export async function runShell(
  folder: string,
  line: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { code, output } = await startShell(folder, line, env).ended
  if (code !== 0) throw new Error(`'${line}' ended with ${code}:\n${output}`)
  return output
}
