import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '../../src/core/run-report.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that is going. */
export interface Going {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** What it has printed so far. */
  output(): { stdout: string; stderr: string }
}

const bin = fileURLToPath(new URL('../../bin/retort.js', import.meta.url))

/** Starts the built command in a folder. Its embedded server goes soon after it. */
export function startRetort(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Going {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...process.env, RETORT_KEEPER_GRACE_MS: '2000', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }))
  return { child, ended, output: () => ({ stdout, stderr }) }
}

/** Runs the built command to its end. */
export async function retort(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return await startRetort(folder, args, env).ended
}

/** Runs `retort run … --json` and gives what it printed. */
export async function runToResult(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunResult> {
  const { stdout, stderr, code } = await retort(folder, ['run', ...args, '--json'], env)
  if (stdout === '') throw new Error(`retort run ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as RunResult
}

/** Rows as `retort rows --json` prints them, all of them. */
export async function readRows(
  folder: string,
  run: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const { stdout, stderr, code } = await retort(
    folder,
    ['rows', run, '--limit', '1000000', '--json'],
    env,
  )
  if (code !== 0) throw new Error(stderr)
  return stdout.split('\n').filter((line) => line !== '')
}
