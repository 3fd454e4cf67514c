import { RetortError, isRetortError } from '../src/core/errors.ts'
import { createRequestHash } from '../src/core/request-hash.ts'
import { batchRange } from '../src/core/range.ts'
import type { Reach } from '../src/core/reach.ts'
import { runJoin } from '../src/core/run-join.ts'
import { runStep } from '../src/core/run-step.ts'
import type { StepResult } from '../src/core/run-step.ts'
import { noFigures } from '../src/core/run-report.ts'
import { noBatchFigures } from '../src/core/staged-row.ts'
import type { Chunk, StagedRow } from '../src/core/staged-row.ts'
import type { ChunkHeader } from '../src/storage/chunk.ts'
import type { BatchOutcome, RunRef } from './activities.ts'
import { AnswerCount } from './answers.ts'
import type { Answers } from './answers.ts'
import { BatchInputs } from './batch-inputs.ts'
import type { Chunks } from './chunks.ts'
import { atStep } from './failures.ts'
import type { LoadedPlan } from './loaded-plan.ts'
import type { ImageFiles } from './image-files.ts'
import type { CalledModel, CallScope } from './model-call.ts'
import { createQuestions } from './questions.ts'
import type { AskingBatch } from './questions.ts'
import type { Models } from './models.ts'
import type { Turns } from './turns.ts'

/** Which batch of a run. */
export interface BatchTask {
  readonly ref: RunRef
  readonly reach: Reach
  readonly shard: number
  readonly step: number
  readonly batch: number
}

/** What running a batch needs. */
export interface BatchServices {
  readonly loaded: LoadedPlan
  readonly chunks: Chunks
  readonly models: Models
  readonly turns: Turns
  readonly answers: Answers
  readonly images: ImageFiles
  readonly scope: CallScope
  readonly isFirstAttempt: boolean
}

/**
 * Runs one step over one batch and stores the rows that it makes.
 *
 * Safe to run twice: a batch's key is its lineage, so a second run finds the first one's rows.
 */
export async function runBatch(task: BatchTask, services: BatchServices): Promise<BatchOutcome> {
  // The shard was listed before its batches began, so the first attempt of one that was not there need not look.
  const stored = services.isFirstAttempt ? undefined : (await findChunk(task, services)).stored
  const chunk = stored ?? (await compute(task, services))
  return toOutcome(
    { ...chunk, rows: chunk.rows.length, rejected: chunk.rejected.length },
    task.ref.run,
  )
}

/** What a stored chunk counts for in a run: answers that another run paid are reused ones. */
export function toOutcome(
  { run: owner, figures, rows, rejected }: ChunkHeader,
  run: string,
): BatchOutcome {
  if (owner === run) return { rows, rejected, ...figures }
  const { calls, furtherAnswers, reusedAnswers, sharedAnswers } = figures
  const reused = calls + furtherAnswers + reusedAnswers
  return { ...noFigures, rows, rejected, reusedAnswers: reused, sharedAnswers }
}

async function findChunk(task: BatchTask, { loaded, chunks }: BatchServices) {
  const keys = await loaded.at(task.reach).keys(task.step, task.shard)
  const key = keys.chunkKey(task.step, task.batch)
  return { key, stored: await chunks.get(key) }
}

async function compute(task: BatchTask, services: BatchServices): Promise<Chunk> {
  const { chunks, models, turns, answers, scope } = services
  const { key, planned, step, inputs, range } = await prepare(task, services)
  const { definition, params } = step
  if (definition.kind === 'join') {
    const joined = await runJoin({
      definition,
      stepName: planned.name,
      params,
      columns: step.branches ?? [],
      ...(await inputs.joinInputs(task.step)),
    }).catch((error: unknown) => {
      throw atStep(error, planned.name)
    })
    return await chunks.put(key, { run: task.ref.run, figures: noBatchFigures, ...joined })
  }
  const rows = await inputs.rowsFor(task.step)
  await turns.next(range.from)
  const count = new AnswerCount(task.ref.run)
  const { signal } = scope
  const result = await models
    .use(step, planned.model?.price ?? null, scope, (model) =>
      askStep(task, services, { rows, model, answers, count, signal }),
    )
    .catch((error: unknown) => {
      const stopped = atStep(error, planned.name)
      // Other batches of this run would only meet the same wall.
      if (isRetortError(stopped) && stopped.verdict === 'stop') scope.gate.stop(stopped)
      throw stopped
    })
  return await chunks.put(key, { run: task.ref.run, figures: count.figures, ...result })
}

/** A batch with its step, and where its rows come from. */
async function prepare(task: BatchTask, services: BatchServices) {
  const { loaded } = services
  const rows = loaded.at(task.reach)
  const { rangeOf, chunkKey } = await rows.keys(task.step, task.shard)
  const key = chunkKey(task.step, task.batch)
  const planned = loaded.plan.steps[task.step]
  const step = loaded.steps[task.step]
  if (planned === undefined || step === undefined)
    throw new RetortError('internal', `Run '${task.ref.run}' has no step ${task.step}.`)
  const range = batchRange(rangeOf(task.step), planned.batchSize, task.batch)
  const inputs = new BatchInputs(loaded, { rows, shard: task.shard, range }, (before, batch) =>
    findOrMake({ ...task, step: before, batch }, services),
  )
  return { key, planned, step, range, inputs }
}

/** The rows that a batch of a step gets. */
export async function batchRows(
  task: BatchTask,
  services: BatchServices,
): Promise<readonly StagedRow[]> {
  const { inputs } = await prepare(task, services)
  return await inputs.rowsFor(task.step)
}

/** What a step over some rows asks, and of whom. */
export interface Asking {
  readonly rows: readonly StagedRow[]
  /** The step's model; `undefined` where it has none. */
  readonly model: CalledModel | undefined
  readonly answers: Answers
  readonly count: AnswerCount
  readonly signal: AbortSignal
}

/** Runs a step over rows. */
export async function askStep(
  task: Pick<BatchTask, 'ref' | 'step'>,
  { loaded, models, images }: Pick<BatchServices, 'loaded' | 'models' | 'images'>,
  { rows, model, answers, count, signal }: Asking,
): Promise<StepResult> {
  const planned = loaded.plan.steps[task.step]
  const step = loaded.steps[task.step]
  if (planned === undefined || step?.definition.kind !== 'map')
    throw new RetortError('internal', `Step '${planned?.name}' is not run batch by batch.`)
  const { definition, params } = step
  const asking: AskingBatch = {
    run: task.ref.run,
    stepName: planned.name,
    rows,
    resample: params['resample'] === true,
    parameters: step.model?.parameters ?? {},
    hashOf: createRequestHash(
      step.model ?? { provider: '', model: '', parameters: {} },
      loaded.plan.epoch,
    ),
    retryOf: (identity, sampleIndex) => loaded.retryOf(task.step, identity, sampleIndex),
    answers,
    count,
    images,
    checkFormat: (...given) => models.checkFormat(...given),
    readStructured: (...answer) => models.readStructured(...answer),
  }
  return await runStep({
    definition,
    params,
    step: {
      name: planned.name,
      batchSize: planned.batchSize,
      inputs: planned.inputs,
      outputs: planned.outputs,
      ...(planned.keeps === null ? {} : { keeps: planned.keeps }),
    },
    rows,
    seed: loaded.plan.seed,
    signal,
    model: createQuestions(asking, model),
  })
}

/** A chunk that a batch reads; one that is missing is made again. */
async function findOrMake(task: BatchTask, services: BatchServices): Promise<Chunk> {
  const { key, stored } = await findChunk(task, services)
  if (stored !== undefined) return stored
  await compute(task, services)
  return await services.chunks.require(key)
}
