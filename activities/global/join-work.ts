import { findJoinPaths } from '../../src/core/join-paths.ts'
import type { ResolvedStep } from '../../src/core/resolve-pipeline.ts'
import { runJoin } from '../../src/core/run-join.ts'
import { positionOf } from '../../src/core/staged-row.ts'
import type { StagedRow } from '../../src/core/staged-row.ts'
import type { JoinDefinition } from '../../src/core/step.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import { writeRowSetPart } from '../../src/storage/row-sets/row-set-part.ts'
import { readBucket, writeRun } from '../../src/storage/row-sets/sorted-runs.ts'
import type { OrderedLine } from '../../src/storage/row-sets/sorted-runs.ts'
import { stagedRowLine, toStagedRow } from '../../src/storage/staged-row-line.ts'
import { readBranches } from '../join-branches.ts'
import type { GlobalServices, GlobalWork } from './global-work.ts'
import { depthOf, planFeeds } from './join-feeds.ts'
import type { Feed } from './join-feeds.ts'
import { putRejected } from './made-lines.ts'
import { readRejectedOrigins } from './rejected-origins.ts'
import { readRows } from './slice-rows.ts'
import { planSlices, sliceShards } from './slices.ts'

const positionDigits = 12

/**
 * A join of branches of which some went through a global step, so that their rows do not stand side by side: brings all
 * of them into the order of the rows at which the branches part, and joins them part by part.
 */
export function joinWork(
  services: GlobalServices,
  index: number,
  step: ResolvedStep,
  definition: JoinDefinition,
): GlobalWork {
  const { store, rows, loaded } = services
  const { plan } = rows
  const paths = findJoinPaths(plan.steps, index)
  // Planning has refused what has none.
  const fork = paths.fork ?? 0
  const feeds = planFeeds(rows, index)
  const slices = planSlices(rows, [fork])
  const span = sliceShards(rows, [fork]) * plan.shardSize
  const place = { depth: depthOf(plan, fork), span }
  const runsOf = (before: number, what: Feed['what']) =>
    [...feeds.keys()].filter((run) => feeds[run]?.step === before && feeds[run].what === what)
  const isThere = async (at: string) => (await store.head(at)) !== undefined
  return {
    parts: slices.length,
    phases: [
      { phase: 'sort', tasks: feeds.length },
      { phase: 'make', tasks: slices.length },
    ],
    async run(key, phase, task) {
      const keys = rowSetKeys(key)
      if (phase === 'sort') {
        const feed = feeds[task]
        if (feed === undefined || (await isThere(keys.runIndex(task)))) return
        await writeRun(store, key, task, slices.length, feedLines(services, feed, place))
        return
      }
      const slice = slices[task]
      if (slice === undefined || (await isThere(keys.part(task)))) return
      const linesOf = (before: number, what: Feed['what']) =>
        readBucket(store, key, runsOf(before, what), task)
      const joined = await runJoin({
        definition,
        stepName: step.spec.name,
        params: step.params,
        columns: step.branches ?? [],
        haveOwnSources: false,
        fork: (await Array.fromAsync(readRows(services, slice))).flat(),
        branches: await readBranches(loaded, paths, index, {
          rowsOf: async (before) => (await linesOf(before, 'rows')).map(toRow),
          rejectedOf: (before) => linesOf(before, 'rejected'),
        }),
      })
      await putRejected(services, key, task, joined.rejected)
      await writeRowSetPart(store, key, task, joined.rows.map(stagedRowLine))
    },
  }
}

/** Where rows stand among those at which the branches part. */
interface ForkPlace {
  /** How many barriers they had gone through there. */
  readonly depth: number
  /** How many positions make a part. */
  readonly span: number
}

async function* feedLines(
  services: GlobalServices,
  feed: Feed,
  { depth, span }: ForkPlace,
): AsyncIterable<OrderedLine> {
  const ordered = (row: Pick<StagedRow, 'origin' | 'places'>, line: string): OrderedLine => {
    const position = depth === 0 ? positionOf(row.origin) : (row.places?.[depth - 1] ?? 0)
    return {
      bucket: Math.floor(position / span),
      order: String(position).padStart(positionDigits, '0'),
      line,
    }
  }
  if (feed.what === 'rejected') {
    for await (const row of readRejectedOrigins(services, feed)) yield ordered(row, row.origin)
    return
  }
  for await (const some of readRows(services, feed))
    for (const row of some) yield ordered(row, stagedRowLine(row))
}

function toRow(line: string): StagedRow {
  const row = toStagedRow(JSON.parse(line))
  if (row === undefined) throw new Error(`'${line.slice(0, 40)}' is no row.`)
  return row
}
