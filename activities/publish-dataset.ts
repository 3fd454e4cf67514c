import { countBatches, countShards } from '../src/core/range.ts'
import { shardRange } from '../src/core/range.ts'
import type { RejectedRow } from '../src/core/staged-row.ts'
import type { Row } from '../src/core/columns.ts'
import { commitDataset } from '../src/storage/dataset/commit-dataset.ts'
import { datasetCard } from '../src/storage/dataset/dataset-card.ts'
import { leafPrefix, manifestKey, rejectedPrefix } from '../src/storage/dataset/dataset-keys.ts'
import { describeLeaf } from '../src/storage/dataset/dataset-manifest.ts'
import type { DatasetManifest } from '../src/storage/dataset/dataset-manifest.ts'
import { toPublishedDataset } from '../src/storage/dataset/published-dataset.ts'
import { parseManifest } from '../src/storage/dataset/read-manifest.ts'
import { writeRejectedPart } from '../src/storage/dataset/rejected-rows.ts'
import { writeParquetPart } from '../src/storage/parquet/write-parquet-part.ts'
import type { DatasetPart } from '../src/storage/parquet/write-parquet-part.ts'
import type { Store } from '../src/storage/store.ts'
import { costUsdOf, toPrices } from '../src/core/price.ts'
import type { Figures, PublishedDataset } from '../src/core/run-report.ts'
import type { RunRef } from './activities.ts'
import type { Chunks } from './chunks.ts'
import type { LoadedPlan } from './loaded-plan.ts'
import { retortVersion } from '../src/retort-version.ts'

/** Shards whose rows make one Parquet file: 100,000 source rows. */
const shardsPerPart = 20
/** Chunks that are fetched ahead of the one that is being written. */
const chunksAhead = 8

/** How many files each leaf's rows make. */
export function countParts(rows: number, shardSize: number): number {
  return Math.max(1, Math.ceil(countShards(rows, shardSize) / shardsPerPart))
}

/** What publishing works with. */
export interface PublishServices {
  readonly store: Store
  readonly chunks: Chunks
  readonly loaded: LoadedPlan
}

/** Writes one part of a leaf; the same rows make the same file. */
export async function publishPart(
  services: PublishServices,
  run: string,
  leaf: number,
  part: number,
): Promise<DatasetPart> {
  const { plan } = services.loaded
  const step = plan.leaves[leaf] ?? 0
  const planned = plan.steps[step]
  return await writeParquetPart({
    rows: leafRows(services, step, part),
    columns: planned?.columns ?? {},
    store: services.store,
    prefix: leafPrefix(plan.spec.name, run, planned?.name ?? ''),
    index: part,
  })
}

/**
 * Writes what of a run's dataset is not written yet, and makes all of it visible at once.
 *
 * Finding the run's own dataset there is success.
 */
export async function publishDataset(
  services: PublishServices,
  ref: RunRef,
  figures: Figures,
  startedAt: number,
  written: readonly (readonly DatasetPart[])[],
): Promise<{ dataset: PublishedDataset; seconds: number }> {
  const { store, loaded } = services
  const { plan } = loaded
  const { name } = plan.spec
  const stored = await store.get(manifestKey(name, ref.run))
  if (stored !== undefined) {
    const manifest = parseManifest(stored, manifestKey(name, ref.run))
    return { dataset: toPublishedDataset(store.uri, manifest), seconds: manifest.seconds }
  }
  const partCount = countParts(plan.source.rows, plan.shardSize)
  const leaves = await Promise.all(
    plan.leaves.map(async (step, leaf) => {
      const parts: DatasetPart[] = []
      for (let index = 0; index < partCount; index++) {
        const known = written[leaf]?.[index]
        // Parts of a dataset that is not committed may have been cleaned away since they were written.
        const isThere = known !== undefined && (await store.head(known.key)) !== undefined
        parts.push(isThere ? known : await publishPart(services, ref.run, leaf, index))
      }
      return describeLeaf(plan.steps[step]?.name ?? '', plan.steps[step]?.columns ?? {}, parts)
    }),
  )
  const rejected = await publishRejected(services, ref.run, figures.rejected)
  const models = plan.steps.flatMap(({ name: step, model }) =>
    model === null
      ? []
      : [
          {
            step,
            type: model.type,
            model: model.model,
            simulated: model.isSimulated,
            prices: model.price === null ? null : toPrices(model.price),
          },
        ],
  )
  const manifest: DatasetManifest = {
    format: 1,
    name,
    version: ref.run,
    createdAt: new Date().toISOString(),
    run: ref.run,
    retortVersion,
    spec: JSON.parse(JSON.stringify(plan.spec)),
    steps: plan.steps.map(({ name: step, type, kind, signature, papers }) => ({
      name: step,
      type,
      kind,
      signature,
      papers,
    })),
    models,
    simulated: models.some(({ simulated }) => simulated),
    leaves,
    rejected,
    tokens: { input: figures.inputTokens, output: figures.outputTokens },
    calls: figures.calls,
    reusedAnswers: figures.reusedAnswers,
    sharedAnswers: figures.sharedAnswers,
    costUsd: costUsdOf(figures),
    seconds: (Date.now() - startedAt) / 1_000,
  }
  const committed = await commitDataset(store, manifest, datasetCard, {
    isLatest: plan.isPreview !== true,
  })
  return { dataset: toPublishedDataset(store.uri, committed), seconds: committed.seconds }
}

async function publishRejected(
  services: PublishServices,
  run: string,
  expected: number,
): Promise<DatasetManifest['rejected']> {
  // Reading every chunk again is worth it only where something was rejected.
  if (expected === 0) return { rows: 0, parts: [], byCode: {} }
  const { plan } = services.loaded
  const byCode: Record<string, number> = {}
  const part = await writeRejectedPart({
    rows: countCodes(rejectedRows(services), byCode),
    store: services.store,
    prefix: rejectedPrefix(plan.spec.name, run),
    index: 0,
  })
  return { rows: part.rows, parts: [part], byCode }
}

async function* countCodes(
  rows: AsyncIterable<RejectedRow>,
  byCode: Record<string, number>,
): AsyncIterable<RejectedRow> {
  for await (const row of rows) {
    byCode[row.code] = (byCode[row.code] ?? 0) + 1
    yield row
  }
}

async function* rejectedRows(services: PublishServices): AsyncIterable<RejectedRow> {
  const { plan } = services.loaded
  for (const step of plan.steps.keys())
    if (step !== plan.source.step)
      for await (const chunk of chunksOf(
        services,
        step,
        0,
        countShards(plan.source.rows, plan.shardSize),
      ))
        yield* chunk.rejected
}

async function* leafRows(
  services: PublishServices,
  step: number,
  part: number,
): AsyncIterable<Row> {
  const { plan, source } = services.loaded
  const from = part * shardsPerPart
  const to = Math.min(countShards(plan.source.rows, plan.shardSize), from + shardsPerPart)
  if (step !== plan.source.step) {
    for await (const chunk of chunksOf(services, step, from, to))
      for (const { row } of chunk.rows) yield row
    return
  }
  const end = Math.min(plan.source.rows, to * plan.shardSize)
  for (let at = from * plan.shardSize; at < end; at += 1_000)
    for (const { row } of await source.rows(at, Math.min(end, at + 1_000))) yield row
}

/** A step's chunks of some shards in order, a few fetched ahead. */
async function* chunksOf(
  services: PublishServices,
  step: number,
  fromShard: number,
  toShard: number,
) {
  const { chunks, loaded } = services
  const { plan } = loaded
  const keys: string[] = []
  for (let shard = fromShard; shard < toShard; shard++) {
    const shardKeys = await loaded.keys(shard)
    const count = countBatches(
      shardRange(shard, plan.source.rows, plan.shardSize),
      plan.steps[step]?.batchSize ?? 1,
    )
    for (let batch = 0; batch < count; batch++) keys.push(shardKeys.chunkKey(step, batch))
  }
  const ahead = keys.slice(0, chunksAhead).map((key) => chunks.require(key))
  for (const [index] of keys.entries()) {
    const chunk = await ahead.shift()
    const next = keys[index + chunksAhead]
    if (next !== undefined) ahead.push(chunks.require(next))
    if (chunk !== undefined) yield chunk
  }
}
