import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { RunResult } from '../../src/core/run-report.ts'

/** What a whole `retort run` took. */
export interface MeasuredRun {
  readonly result: RunResult
  /** From the start of the process to its end. */
  readonly processSeconds: number
  /** Resident memory of the process, about every 200 ms. */
  readonly memory: readonly MemorySample[]
}

/** A reading of the process's memory. */
export interface MemorySample {
  readonly seconds: number
  readonly megabytes: number
}

/** The most memory until some second, in MB. */
export function peakMegabytes(memory: readonly MemorySample[], end = Infinity): number {
  return Math.max(...memory.flatMap((sample) => (sample.seconds < end ? [sample.megabytes] : [])))
}

/** Median of the memory early (from 15 to 35 % of some seconds on) and late (from 70 to 90 %), in MB. */
export function memoryTrend(
  memory: readonly MemorySample[],
  ends: number,
): { readonly early: number; readonly late: number; readonly isFlat: boolean } {
  const between = (from: number, to: number) => {
    const samples = memory
      .filter(({ seconds }) => seconds >= from * ends && seconds < to * ends)
      .map(({ megabytes }) => megabytes)
    return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0
  }
  const early = between(0.15, 0.35)
  const late = between(0.7, 0.9)
  return { early, late, isFlat: late <= early * 1.25 }
}

const bin = fileURLToPath(new URL('../../bin/retort.js', import.meta.url))

/** Runs the built command in a folder, as a user would. */
export async function measureRun(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<MeasuredRun> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [bin, 'run', ...args, '--json'], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()))
  const memory: MemorySample[] = []
  const timer = setInterval(() => {
    const megabytes = residentMegabytes(child.pid ?? 0)
    if (megabytes > 0) memory.push({ seconds: (performance.now() - startedAt) / 1_000, megabytes })
  }, 200)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(timer)
  if (code !== 0) throw new Error(`retort run ended with ${code}:\n${errors}\n${output}`)
  return {
    result: JSON.parse(output) as RunResult,
    processSeconds: (performance.now() - startedAt) / 1_000,
    memory,
  }
}

function residentMegabytes(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(line?.[1] ?? 0) / 1_024
  } catch {
    // It has ended, or the system has no /proc.
    return 0
  }
}
