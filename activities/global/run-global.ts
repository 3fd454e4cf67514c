import { hash } from 'node:crypto'

import { RetortError } from '../../src/core/errors.ts'
import { noBatchFigures } from '../../src/core/staged-row.ts'
import type { RejectedRow } from '../../src/core/staged-row.ts'
import { encodeChunk } from '../../src/storage/chunk.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import { writeRowSetPart } from '../../src/storage/row-sets/row-set-part.ts'
import { readRowSetManifest } from '../../src/storage/row-sets/row-set.ts'
import { readBucket, writeRun } from '../../src/storage/row-sets/sorted-runs.ts'
import type { KeyedLine } from '../../src/storage/row-sets/sorted-runs.ts'
import type { Store } from '../../src/storage/store.ts'
import type { GlobalOutcome, GlobalPhase, GlobalPlan } from '../activities.ts'
import type { Chunks } from '../chunks.ts'
import { atStep } from '../failures.ts'
import type { LoadedPlan } from '../loaded-plan.ts'
import { decideRows, packCounted } from './decide-rows.ts'
import { digestSlice } from './digest-slice.ts'
import { finishSet, toOutcome } from './finish-set.ts'
import { makeSlice } from './make-slice.ts'
import type { LiveGlobal } from './run-rows.ts'
import { setKey } from './set-key.ts'
import { planSlices } from './slices.ts'

/** What running a global step needs. */
export interface GlobalServices {
  readonly store: Store
  readonly chunks: Chunks
  readonly loaded: LoadedPlan
  readonly rows: PlanRows
  readonly signal: AbortSignal
}

/** One task of a phase. */
export interface GlobalTask {
  readonly step: number
  readonly key: string
  readonly phase: GlobalPhase
  /** Which slice of the rows, or which part of those that the step leaves. */
  readonly task: number
}

/** Finds what a global step left or has to do; few rows are done at once. */
export async function planGlobal(services: GlobalServices, step: number): Promise<GlobalPlan> {
  const key = await setKey(services.rows, step)
  const stored = await readRowSetManifest(services.store, key)
  if (stored !== undefined) return { key, left: toOutcome(stored), phases: [] }
  const phases = phasesOf(liveGlobal(services, step), planSlices(services.rows, step).length)
  if (phases.some(({ tasks }) => tasks > 1)) return { key, left: null, phases }
  let left: GlobalOutcome | null = null
  for (const { phase, tasks } of phases)
    for (let task = 0; task < tasks; task++)
      left = await runGlobal(services, { step, key, phase, task })
  return { key, left, phases: [] }
}

function phasesOf({ definition }: LiveGlobal, slices: number): GlobalPlan['phases'] {
  const { digest, decide, shuffleKey } = definition
  const hasDigests = digest !== undefined || decide !== undefined
  return [
    ...(hasDigests ? [{ phase: 'digest' as const, tasks: slices }] : []),
    ...(decide === undefined ? [] : [{ phase: 'decide' as const, tasks: 1 }]),
    { phase: 'make', tasks: slices },
    ...(shuffleKey === undefined ? [] : [{ phase: 'sort' as const, tasks: slices }]),
    { phase: 'finish', tasks: 1 },
  ]
}

/**
 * Does one task of a global step.
 *
 * Safe to run twice: what a task stores has one place, and the first who stores it wins with the same rows.
 *
 * @returns what the step left, for its last task
 */
export async function runGlobal(
  services: GlobalServices,
  { step, key, phase, task }: GlobalTask,
): Promise<GlobalOutcome | null> {
  const { store } = services
  const left = await readRowSetManifest(store, key)
  if (left !== undefined) return toOutcome(left)
  try {
    return await runTask(services, { step, key, phase, task })
  } catch (error) {
    // Another run may have finished the same meanwhile, and have removed what is needed on the way.
    const stored = await readRowSetManifest(store, key)
    if (stored !== undefined) return toOutcome(stored)
    throw atStep(error, services.rows.plan.steps[step]?.name ?? '')
  }
}

async function runTask(
  services: GlobalServices,
  { step, key, phase, task }: GlobalTask,
): Promise<GlobalOutcome | null> {
  const { store, rows } = services
  const keys = rowSetKeys(key)
  const global = liveGlobal(services, step)
  const slices = planSlices(rows, step)
  const isThere = async (at: string) => (await store.head(at)) !== undefined
  switch (phase) {
    case 'digest': {
      if (await isThere(keys.digests(task))) return null
      const noted = await digestSlice(services, global, step, slices[task])
      await store.putIfAbsent(keys.digests(task), packCounted(noted.rows, noted.digests))
      return null
    }
    case 'decide':
      if (!(await isThere(keys.decided))) await decideRows(store, key, global, slices.length)
      return null
    case 'make': {
      const isSorted = global.definition.shuffleKey !== undefined
      if (await isThere(isSorted ? keys.runIndex(task) : keys.part(task))) return null
      const rejected: RejectedRow[] = []
      const made = makeSlice(services, global, { step, key, slice: task }, slices[task], rejected)
      // What tells that a slice is made is stored when its rows have come to their end.
      const andRejected = thenDo(made, () => putRejected(services, keys.rejected(task), rejected))
      if (isSorted) await writeRun(store, key, task, slices.length, andRejected)
      else await writeRowSetPart(store, key, task, linesOf(andRejected))
      return null
    }
    case 'sort':
      if (!(await isThere(keys.part(task))))
        await writeRowSetPart(store, key, task, await readBucket(store, key, slices.length, task))
      return null
    case 'finish':
      return await finishSet(store, key, slices.length)
  }
}

function liveGlobal({ loaded, signal }: GlobalServices, index: number): LiveGlobal {
  const step = loaded.steps[index]
  if (step?.definition.kind !== 'global')
    throw new RetortError('internal', `Step ${index} of '${loaded.plan.run}' is not global.`)
  const { definition, params, spec } = step
  return {
    definition,
    step,
    context: { params, stepName: spec.name, seed: loaded.plan.seed, signal, hash: sha256 },
  }
}

function sha256(text: string): Uint8Array {
  return hash('sha256', text, 'buffer')
}

async function* linesOf(rows: AsyncIterable<KeyedLine>): AsyncIterable<string> {
  for await (const { line } of rows) yield line
}

async function* thenDo<T>(items: AsyncIterable<T>, work: () => Promise<void>): AsyncIterable<T> {
  yield* items
  await work()
}

async function putRejected(
  { store, loaded }: GlobalServices,
  at: string,
  rejected: readonly RejectedRow[],
): Promise<void> {
  if (rejected.length === 0) return
  const chunk = { run: loaded.plan.run, figures: noBatchFigures, rows: [], rejected }
  await store.putIfAbsent(at, await encodeChunk(chunk))
}
