import { hash } from 'node:crypto'

import type { ResolvedStep } from '../../src/core/resolve-pipeline.ts'
import type { RejectedRow } from '../../src/core/staged-row.ts'
import type { GlobalDefinition } from '../../src/core/global-step.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import { writeRowSetPart } from '../../src/storage/row-sets/row-set-part.ts'
import { readBucket, writeRun } from '../../src/storage/row-sets/sorted-runs.ts'
import { decideRows, packCounted } from './decide-rows.ts'
import { deliverRows } from './deliver-rows.ts'
import { digestSlice } from './digest-slice.ts'
import type { GlobalServices, GlobalWork } from './global-work.ts'
import { makeSlice } from './make-slice.ts'
import { putRejected, textsOf, thenDo } from './made-lines.ts'
import type { LiveGlobal } from './run-rows.ts'
import { planSlices } from './slices.ts'

/** The passes of a global step over the rows that it reads. */
export function passWork(
  services: GlobalServices,
  index: number,
  step: ResolvedStep,
  definition: GlobalDefinition,
): GlobalWork {
  const { store, rows, loaded, signal } = services
  const slices = planSlices(rows, rows.plan.steps[index]?.after ?? [])
  const global: LiveGlobal = {
    definition,
    step,
    context: {
      params: step.params,
      stepName: step.spec.name,
      seed: loaded.plan.seed,
      signal,
      hash: (text) => hash('sha256', text, 'buffer'),
    },
  }
  const { digest, decide, shuffleKey, deliver } = definition
  const isSorted = shuffleKey !== undefined
  const each = slices.length
  return {
    parts: each,
    phases: [
      ...(digest === undefined && decide === undefined
        ? []
        : [{ phase: 'digest' as const, tasks: each }]),
      ...(decide === undefined ? [] : [{ phase: 'decide' as const, tasks: 1 }]),
      { phase: 'make', tasks: each },
      ...(isSorted ? [{ phase: 'sort' as const, tasks: each }] : []),
      ...(deliver === undefined ? [] : [{ phase: 'deliver' as const, tasks: 1 }]),
    ],
    async run(key, phase, task) {
      const keys = rowSetKeys(key)
      const isThere = async (at: string) => (await store.head(at)) !== undefined
      if (phase === 'digest') {
        if (await isThere(keys.digests(task))) return
        const noted = await digestSlice(services, global, index, slices[task])
        await store.putIfAbsent(keys.digests(task), packCounted(noted.rows, noted.digests))
      } else if (phase === 'decide') {
        if (!(await isThere(keys.decided))) await decideRows(store, key, global, each)
      } else if (phase === 'make') {
        if (await isThere(isSorted ? keys.runIndex(task) : keys.part(task))) return
        const rejected: RejectedRow[] = []
        const place = { step: index, key, slice: task, parts: each }
        const made = makeSlice(services, global, place, slices[task], rejected)
        const lines = thenDo(made, () => putRejected(services, key, task, rejected))
        if (isSorted) await writeRun(store, key, task, each, lines)
        else await writeRowSetPart(store, key, task, textsOf(lines))
      } else if (phase === 'deliver') {
        await deliverRows(services, key, index, global, each)
      } else if (!(await isThere(keys.part(task)))) {
        const sorted = await readBucket(store, key, slices.keys(), task)
        await writeRowSetPart(store, key, task, sorted)
      }
    },
  }
}
