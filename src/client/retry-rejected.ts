import { RetortError } from '../core/errors.ts'
import { parsePlan } from '../core/parse-plan.ts'
import { planKey } from '../core/plan.ts'
import type { Plan } from '../core/plan.ts'
import { nextVersionId } from '../core/run-names.ts'
import type { RunRequest } from '../core/run-request.ts'
import { positionOf } from '../core/staged-row.ts'
import { manifestKey } from '../storage/dataset/dataset-keys.ts'
import { openDataset } from '../storage/dataset/open-dataset.ts'
import type { Dataset } from '../storage/dataset/open-dataset.ts'
import { listDatasets } from '../storage/dataset/read-manifest.ts'
import { addRaise } from '../storage/retries.ts'
import { openStagedSource } from '../storage/sources/staged-source.ts'
import type { Store } from '../storage/store.ts'

/** A run whose rejected rows are to be asked for anew. */
export interface RejectedRun {
  /** The newest version of the run that was named. */
  readonly run: string
  /** The run that makes the next one. */
  readonly next: string
  readonly plan: Plan
  readonly request: RunRequest
  readonly dataset: Dataset
}

/** The rows of one step whose numbers are raised. */
export interface StepRaise {
  readonly step: string
  readonly signature: string
  readonly identities: readonly string[]
}

/**
 * Finds the newest version of a run, whose rows are rejected still.
 *
 * @throws RetortError `run-unknown`, `dataset-missing` for a run that has not completed, `nothing-rejected`
 */
export async function findRejectedRun(store: Store, asked: string): Promise<RejectedRun> {
  const name = (await listDatasets(store)).find(({ version }) => version === asked)?.name
  if (name === undefined) throw await missing(store, asked)
  let run = asked
  let next = nextVersionId(run)
  while ((await store.head(manifestKey(name, next))) !== undefined) {
    run = next
    next = nextVersionId(run)
  }
  const dataset = await openDataset(store, name, run)
  if (dataset.manifest.rejected.rows === 0)
    throw nothing(
      run === asked
        ? `Run '${run}' rejected no rows, so there is nothing to ask for anew.`
        : `No row of run '${asked}' is rejected any longer: '${run}' has made them all.`,
    )
  const bytes = await store.get(planKey(run))
  const request = await latestRequest(store, run)
  if (bytes === undefined || request === undefined)
    throw new RetortError(
      'run-unknown',
      `What run '${run}' did is not in ${store.uri} any longer, so its rejected rows cannot be asked for anew; start a new run.`,
    )
  const plan = parsePlan(bytes)
  return { run, next, plan, request, dataset }
}

/**
 * Works out which rows are asked for anew: those that a model's step rejected and whose step is still the same.
 *
 * The answers to rows of a step that has changed are read again by what it is now, before anything is asked anew.
 *
 * @param signatures - of the steps as they are now, by name
 * @throws RetortError `nothing-rejected` where the same would happen again
 */
export async function planRaises(
  store: Store,
  { run, plan, dataset }: RejectedRun,
  signatures: ReadonlyMap<string, string>,
): Promise<readonly StepRaise[]> {
  const identityAt = sourceIdentities(store, plan)
  const raises = new Map<string, { signature: string; identities: string[] }>()
  let hasChanged = false
  for await (const record of dataset.rejectedRows({ hasIdentities: true })) {
    const { step, origin, code } = record
    const planned = plan.steps.find(({ name }) => name === step)
    if (planned === undefined) continue
    const { signature } = planned
    if (signatures.get(step) !== signature) hasChanged = true
    // What was wrong with these stood there before a model was asked.
    else if (planned.model !== null && code !== 'input-invalid') {
      const raise = raises.get(step) ?? { signature, identities: [] }
      raise.identities.push(record.identity ?? (await identityAt(origin)))
      raises.set(step, raise)
    }
  }
  if (raises.size === 0 && !hasChanged)
    throw nothing(
      `No model had a part in what run '${run}' rejected, so asking anew changes nothing; \`retort rows ${run} --rejected\` shows why.`,
    )
  return [...raises].map(([step, raise]) => ({ step, ...raise }))
}

/** The identities of rows by their origins, for datasets that do not tell them: those of pipelines with one source. */
function sourceIdentities(store: Store, { sources }: Plan): (origin: string) => Promise<string> {
  const [source] = sources
  const opening = lazily(() => openStagedSource(store, source?.key ?? ''))
  return async (origin) => {
    const position = positionOf(origin)
    const [identity = ''] = await (await opening()).identities(position, position + 1)
    return `${identity}${origin.slice(String(position).length)}`
  }
}

/** Opens something when it is first needed. */
function lazily<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined
  return () => (opening ??= open())
}

/** Lets the run of the next version, and later ones, ask anew; a version that is started again changes nothing more. */
export async function storeRaises(
  store: Store,
  { next, plan }: RejectedRun,
  raises: readonly StepRaise[],
): Promise<void> {
  for (const { signature, identities } of raises)
    await addRaise(store, plan.spec.name, signature, { run: next, identities })
}

async function latestRequest(store: Store, run: string): Promise<RunRequest | undefined> {
  let latest: { readonly key: string; readonly modified: Date } | undefined
  for await (const info of store.list(`runs/${run}/specs/`))
    if (latest === undefined || info.modified >= latest.modified) latest = info
  const bytes = latest === undefined ? undefined : await store.get(latest.key)
  return bytes === undefined
    ? undefined
    : (JSON.parse(new TextDecoder().decode(bytes)) as RunRequest)
}

async function missing(store: Store, run: string): Promise<RetortError> {
  const isKnown = /^[A-Za-z0-9._-]{1,200}$/.test(run) && (await store.head(planKey(run)))
  return isKnown
    ? new RetortError(
        'dataset-missing',
        `Run '${run}' has no dataset yet: it has not completed, so none of its rows are rejected for good.`,
      )
    : new RetortError(
        'run-unknown',
        `There is no run '${run}' in ${store.uri}; \`retort list\` shows those there are.`,
      )
}

function nothing(message: string): RetortError {
  return new RetortError('nothing-rejected', message)
}
