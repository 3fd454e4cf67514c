import { RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { createBoundedTasks } from '../storage/sources/bounded-tasks.ts'
import type { Store } from '../storage/store.ts'

const planPattern = /^runs\/([^/]+)\/plan\.json$/
const readsAtOnce = 16

/** What a run's plan says about what it uses of the store. */
export interface StoredPlan {
  readonly run: string
  readonly pipeline: string
  /** Names of the staged sources. */
  readonly sources: readonly string[]
  readonly signatures: readonly string[]
  /** Milliseconds since the epoch. */
  readonly plannedAt: number
}

/** The plans of all runs. @throws RetortError `store-corrupt` for one that is none, since what it uses is unknown */
export async function readStoredPlans(store: Store): Promise<readonly StoredPlan[]> {
  const plans: StoredPlan[] = []
  const tasks = createBoundedTasks(readsAtOnce)
  for await (const info of store.list('runs/')) {
    const run = planPattern.exec(info.key)?.[1]
    if (run === undefined) continue
    await tasks.start(async () => {
      const bytes = await store.get(info.key)
      if (bytes !== undefined) plans.push(parsePlan(run, info.key, bytes))
    })
  }
  await tasks.drain()
  return plans
}

function parsePlan(run: string, key: string, bytes: Uint8Array): StoredPlan {
  const plan = parseJson(bytes)
  if (isObject(plan) && isObject(plan['spec'])) {
    const pipeline = plan['spec']['name']
    const sources = membersOf(plan['sources'] ?? [plan['source']], 'key')
    const signatures = membersOf(plan['steps'], 'signature')
    const { plannedAt } = plan
    if (
      typeof pipeline === 'string' &&
      sources !== undefined &&
      signatures !== undefined &&
      typeof plannedAt === 'number'
    )
      return { run, pipeline, sources, signatures, plannedAt }
  }
  throw new RetortError(
    'store-corrupt',
    `'${key}' is no plan that this release of Retort knows, so nothing is removed; update Retort, or remove that object if its run is not wanted.`,
  )
}

/** A member that every item of a list has as a text. */
function membersOf(items: unknown, member: string): string[] | undefined {
  if (!Array.isArray(items)) return undefined
  const found = items.map((item: unknown) => (isObject(item) ? item[member] : undefined))
  const known = found.filter((value) => typeof value === 'string')
  return known.length === items.length ? known : undefined
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
