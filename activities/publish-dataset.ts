import { sourceRows } from '../src/core/plan.ts'
import { countParts } from '../src/core/range.ts'
import { reachKey } from '../src/core/reach.ts'
import type { RowTarget } from '../src/core/spec.ts'
import { positionOf } from '../src/core/staged-row.ts'
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
import { tokensOf } from '../src/core/run-report.ts'
import type { Figures, PublishedDataset } from '../src/core/run-report.ts'
import type { RunRef } from './activities.ts'
import { FirstRows, leafRows, rejectedRows, toRows } from './published-rows.ts'
import type { RowServices } from './published-rows.ts'
import { retortVersion } from '../src/retort-version.ts'

/** What publishing works with. */
export interface PublishServices extends RowServices {
  readonly store: Store
}

/** Writes one part of a leaf; the same rows make the same file. */
export async function publishPart(
  services: PublishServices,
  leaf: number,
  part: number,
): Promise<DatasetPart> {
  const { plan } = services.loaded
  const rows = leafRows(services, plan.leaves[leaf] ?? 0, part)
  return await writePart(services, leaf, part, toRows(rows))
}

async function writePart(
  { store, loaded: { plan } }: PublishServices,
  leaf: number,
  part: number,
  rows: AsyncIterable<Row>,
): Promise<DatasetPart> {
  const planned = plan.steps[plan.leaves[leaf] ?? 0]
  return await writeParquetPart({
    rows,
    columns: planned?.columns ?? {},
    store,
    prefix: leafPrefix(plan.spec.name, plan.run, planned?.name ?? ''),
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
): Promise<{ dataset: PublishedDataset; seconds: number; figures: Figures }> {
  const { store, loaded } = services
  const { plan } = loaded
  const { name } = plan.spec
  const stored = await store.get(manifestKey(name, ref.run))
  const isLatest = plan.isPreview !== true
  if (stored !== undefined) {
    // Whoever stored it may have died before it was the latest.
    const manifest = parseManifest(stored, manifestKey(name, ref.run))
    const { seconds } = await commitDataset(store, manifest, datasetCard, { isLatest })
    return { dataset: toPublishedDataset(store.uri, manifest), seconds, figures }
  }
  const accepted = plan.target === null ? undefined : await publishAccepted(services, plan.target)
  const leaves = await Promise.all(
    plan.leaves.map(async (step, leaf) => {
      const parts = accepted?.parts ?? (await publishLeaf(services, leaf, written[leaf] ?? []))
      return describeLeaf(plan.steps[step]?.name ?? '', plan.steps[step]?.columns ?? {}, parts)
    }),
  )
  const rejected = await publishRejected(services, figures.rejected, accepted?.sourceRows)
  const models = plan.steps.flatMap(({ name: step, model }) =>
    model === null
      ? []
      : [
          {
            step,
            type: model.type,
            model: model.model,
            simulated: model.isSimulated,
            ...(model.mode === 'batch' ? { mode: model.mode } : {}),
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
    ...(accepted === undefined ? {} : { sourceRows: accepted.sourceRows }),
    tokens: tokensOf(figures),
    calls: figures.calls,
    reusedAnswers: figures.reusedAnswers,
    sharedAnswers: figures.sharedAnswers,
    costUsd: costUsdOf(figures),
    seconds: (Date.now() - startedAt) / 1_000,
  }
  // Who looks at what each step made, a preview, has to find it.
  const reach = new TextEncoder().encode(JSON.stringify(services.reach))
  await store.put(reachKey(ref.run), reach)
  const committed = await commitDataset(store, manifest, datasetCard, { isLatest })
  return { dataset: toPublishedDataset(store.uri, committed), seconds: committed.seconds, figures }
}

/** Writes what of a leaf's parts is not written yet. */
async function publishLeaf(
  services: PublishServices,
  leaf: number,
  written: readonly DatasetPart[],
): Promise<DatasetPart[]> {
  const { store, loaded, reach } = services
  const step = loaded.plan.leaves[leaf] ?? 0
  const count = countParts(loaded.at(reach).extentOf(step), loaded.plan.shardSize)
  const parts: DatasetPart[] = []
  for (let index = 0; index < count; index++) {
    const known = written[index]
    // Parts of a dataset that is not committed may have been cleaned away since they were written.
    const isThere = known !== undefined && (await store.head(known.key)) !== undefined
    parts.push(isThere ? known : await publishPart(services, leaf, index))
  }
  return parts
}

/** What of a run's rows is enough. */
interface Accepted {
  readonly parts: readonly DatasetPart[]
  /** Source rows that were needed for them. */
  readonly sourceRows: number
}

/** Writes the first rows of the only leaf, as many as were asked for. */
async function publishAccepted(
  services: PublishServices,
  { accepted }: RowTarget,
): Promise<Accepted> {
  const { plan } = services.loaded
  const rows = services.loaded.at(services.reach)
  const [step = 0] = plan.leaves
  const first = new FirstRows(accepted)
  const parts: DatasetPart[] = []
  const count = countParts(rows.extentOf(step), plan.shardSize)
  for (let part = 0; part < count && !first.isEnough; part++)
    parts.push(await writePart(services, 0, part, toRows(first.of(leafRows(services, step, part)))))
  // Behind a global step rows stand in another order, so that all that it got were needed.
  const isInOrder = plan.steps[step]?.barrier === null && first.last !== undefined
  const all = services.reach.end ?? sourceRows(plan)
  return { parts, sourceRows: isInOrder ? positionOf(first.last?.origin ?? '0') + 1 : all }
}

async function publishRejected(
  services: PublishServices,
  expected: number,
  end: number | undefined,
): Promise<DatasetManifest['rejected']> {
  // Reading every chunk again is worth it only where something was rejected.
  if (expected === 0) return { rows: 0, parts: [], byCode: {} }
  const { plan } = services.loaded
  const byCode: Record<string, number> = {}
  const part = await writeRejectedPart({
    rows: countCodes(rejectedRows(services, end), byCode),
    store: services.store,
    prefix: rejectedPrefix(plan.spec.name, plan.run),
    index: 0,
  })
  return { rows: part.rows, parts: [part], byCode, hasIdentities: true }
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
