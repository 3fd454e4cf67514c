import { findRejectedRun, planRaises, storeRaises } from '../client/retry-rejected.ts'
import type { RejectedRun } from '../client/retry-rejected.ts'
import { RetortError } from '../core/errors.ts'
import { canonicalJson } from '../core/json.ts'
import { quoted } from '../core/names.ts'
import { plannedSourceColumns } from '../core/plan.ts'
import { resolvePipeline } from '../core/resolve-pipeline.ts'
import type { PipelineSpec } from '../core/spec.ts'
import { checkRun } from '../local/run-here.ts'
import type { RunnablePipeline } from '../local/run-here.ts'
import { builtInRegistry } from '../registry.ts'
import { commandName, quoteWord } from './command-name.ts'
import { loadPipelineFile, useDotEnv } from './load-pipeline-file.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { toCount } from './progress-text.ts'
import { runToEnd } from './run-command.ts'
import type { RunTask } from './run-command.ts'

/** Options of `retort retry-rejected`. */
export interface RetryRejectedOptions {
  readonly store?: string
  readonly output?: string
  readonly concurrent?: true
  readonly json?: true
  readonly quiet?: true
}

/** Makes a new version of a run's dataset, in which the rows that were rejected are asked for anew. */
export async function retryRejectedCommand(
  run: string,
  file: string | undefined,
  options: RetryRejectedOptions,
): Promise<number> {
  return await runToEnd(options, {
    prepare: (note) => prepareRetry(run, file, options, note),
    resumeLine: () => [commandName(), ...process.argv.slice(2).map(quoteWord)].join(' '),
  })
}

async function prepareRetry(
  asked: string,
  file: string | undefined,
  options: RetryRejectedOptions,
  note: (line: string) => void,
): Promise<RunTask> {
  // Without a pipeline's file, the folder where the command is typed stands for it.
  if (file === undefined) await useDotEnv('.env')
  const store = await openStoreToRead(options.store)
  const rejected = await findRejectedRun(store, asked)
  const { run, next, plan, request } = rejected
  const pipeline = {
    ...(file === undefined ? builtInCode(rejected) : await codeOf(file, rejected, note)),
    spec: plan.spec,
  }
  const { workingFolder, maxRows } = request
  const told = {
    ...options,
    runId: next,
    continues: run,
    workingFolder,
    ...(maxRows === null ? {} : { maxRows }),
    // The version that is to come is nobody's yet: a retry that was left goes on with what its steps are now.
    acceptChanges: true,
  }
  checkRun(pipeline, told)
  const raises = await planRaises(store, rejected, signaturesOf(pipeline, rejected))
  await storeRaises(store, rejected, raises)
  await store.close?.()
  const rows = raises.reduce((sum, { identities }) => sum + identities.length, 0)
  const what =
    rows === 0
      ? 'reads the stored answers again'
      : `asks anew for ${toCount(rows)} ${rows === 1 ? 'row' : 'rows'}`
  return { pipeline, options: told, title: `${what} of run '${run}'` }
}

function builtInCode({ run, plan }: RejectedRun): Omit<RunnablePipeline, 'spec'> {
  const own = plan.spec.steps.find(({ type }) => !builtInRegistry.steps.has(type))
  if (own !== undefined)
    throw new RetortError(
      'usage',
      `Step '${own.name}' of run '${run}' (${own.type}) is code of its pipeline's own; name the pipeline's file too: ${commandName()} retry-rejected ${quoteWord(run)} FILE.`,
    )
  return { registry: builtInRegistry, code: null }
}

/** The code of a pipeline's file. What the file says of steps beside their code is for new runs. */
async function codeOf(
  file: string,
  { run, plan, request }: RejectedRun,
  note: (line: string) => void,
): Promise<Omit<RunnablePipeline, 'spec'>> {
  const { spec, registry, code } = await loadPipelineFile(file, { mayLack: true })
  if (spec.name !== plan.spec.name)
    throw new RetortError(
      'usage',
      `'${file}' is pipeline '${spec.name}', but run '${run}' is of pipeline '${plan.spec.name}'.`,
    )
  const others = differing(request.spec, spec)
  if (others.length > 0)
    note(
      `What '${file}' says otherwise of ${quoted(others)} is for new runs: a retry keeps what run '${run}' was asked for.`,
    )
  return { registry, code }
}

function differing(before: PipelineSpec, after: PipelineSpec): readonly string[] {
  const known = new Map(before.steps.map((step) => [step.name, canonicalJson(step)]))
  return after.steps.flatMap((step) =>
    known.get(step.name) === canonicalJson(step) ? [] : [step.name],
  )
}

function signaturesOf(
  { spec, registry }: RunnablePipeline,
  { plan }: RejectedRun,
): ReadonlyMap<string, string> {
  const sourceColumns = plannedSourceColumns(plan)
  const steps = resolvePipeline(spec, { registry, environment: process.env, sourceColumns })
  return new Map(steps.map((step) => [step.spec.name, step.signature]))
}
