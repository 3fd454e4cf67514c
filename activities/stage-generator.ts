import { RetortError } from '../src/core/errors.ts'
import { mapGenerated } from '../src/core/generated-columns.ts'
import { hashJson } from '../src/core/hash.ts'
import type { Row } from '../src/core/columns.ts'
import type { Plan } from '../src/core/plan.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import type { RunRequest } from '../src/core/run-request.ts'
import { stageSource } from '../src/storage/sources/stage-source.ts'
import { findStagedSource } from '../src/storage/sources/staged-source.ts'
import type { StagedSource } from '../src/storage/sources/staged-source.ts'
import type { Store } from '../src/storage/store.ts'
import type { WorkerContext } from './worker-context.ts'

/** A generator's rows, staged. */
export interface StagedRows {
  readonly source: StagedSource
  /** What tells them apart whatever their number. */
  readonly content: string
}

/**
 * Stages a generator's rows, unless the same rows are staged already; of one that asks a model, as many rows without
 * columns as it is to make.
 *
 * A generator that can tell a fingerprint is read only where its rows are new; any other is run once for
 * each run id. A run that continues another takes that one's rows, wherever they came from.
 */
export async function stageGenerator(
  context: WorkerContext,
  step: ResolvedStep,
  request: RunRequest,
  run: string,
  signal: AbortSignal,
  continued?: Plan,
): Promise<StagedRows> {
  const { definition, params, spec } = step
  const maxRows = mostRows(request)
  if (definition.kind === 'map') {
    const count = Math.min(definition.numRows?.(params) ?? 0, maxRows ?? Infinity)
    const rows = Array.from({ length: count }, () => ({}))
    const key = hashJson(['empty rows', count])
    const source = await stageSource(context.store, { key, rows, signal })
    return { source, content: hashJson(['empty rows']) }
  }
  if (definition.kind !== 'generator')
    throw new RetortError('internal', `Step '${spec.name}' (${spec.type}) makes no rows.`)
  const staged = await findContinued(context.store, spec.name, continued)
  if (staged !== undefined) return { source: staged, content: staged.manifest.key }
  const files = context.sourceFiles(request.workingFolder)
  const generatorContext = { seed: request.spec.seed ?? 0, files, signal }
  const fingerprint = await definition.fingerprint?.(params, generatorContext)
  const content = [step.signature, fingerprint ?? { run }, generatorContext.seed]
  const { countParam } = definition
  const count = countParam === undefined ? [] : [params[countParam]]
  const source = await stageSource(context.store, {
    key: hashJson([...content, maxRows, ...count]),
    rows: take(
      () => definition.generate(params, generatorContext),
      maxRows ?? Infinity,
      (row) => mapGenerated(row, spec),
    ),
    signal,
  })
  if (source.manifest.rows === 0)
    throw new RetortError(
      'file-empty',
      `Step '${spec.name}' (${spec.type}) makes no rows, so there is nothing to run.`,
    )
  // Rows that nothing but having been read tells apart may be others the next time.
  const isTold = fingerprint !== undefined
  return { source, content: isTold ? hashJson(content) : source.manifest.key }
}

/** Most rows that a generator is to make. */
function mostRows({ maxRows, spec, isPreview }: RunRequest): number | undefined {
  const atMost = isPreview === true ? undefined : spec.rows?.atMost
  const least = Math.min(maxRows ?? Infinity, atMost ?? Infinity)
  return least === Infinity ? undefined : least
}

/** The rows that a generator gave to the run that is continued. */
async function findContinued(
  store: Store,
  name: string,
  continued: Plan | undefined,
): Promise<StagedSource | undefined> {
  const source = continued?.sources.find(({ step }) => continued.steps[step]?.name === name)
  return source === undefined ? undefined : await findStagedSource(store, source.key)
}

/** The first rows; nothing is generated before the first one is asked for. */
async function* take(
  generate: () => AsyncIterable<Row> | Iterable<Row>,
  most: number,
  toNamed: (row: Row) => Row,
): AsyncIterable<Row> {
  let taken = 0
  for await (const row of generate()) {
    yield toNamed(row)
    if (++taken >= most) return
  }
}
