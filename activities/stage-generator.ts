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
import type { WorkerContext } from './worker-context.ts'

/**
 * Stages a generator's rows, unless the same rows are staged already.
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
): Promise<StagedSource> {
  const { definition, params, spec } = step
  if (definition.kind !== 'generator')
    throw new RetortError(
      'spec-invalid',
      `Step '${spec.name}' (${spec.type}) makes no rows; a pipeline begins with a generator.`,
    )
  const staged =
    continued === undefined
      ? undefined
      : await findStagedSource(context.store, continued.source.key)
  if (staged !== undefined) return staged
  const files = context.sourceFiles(request.workingFolder)
  const generatorContext = { seed: request.spec.seed ?? 0, files, signal }
  const fingerprint = await definition.fingerprint?.(params, generatorContext)
  const { maxRows } = request
  const source = await stageSource(context.store, {
    key: hashJson([step.signature, fingerprint ?? { run }, generatorContext.seed, maxRows]),
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
  return source
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
