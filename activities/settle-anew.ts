import type { Plan } from '../src/core/plan.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import type { RunRequest } from '../src/core/run-request.ts'
import { moveEpoch, readEpoch } from '../src/storage/epoch.ts'
import { readRaises } from '../src/storage/retries.ts'
import type { Store } from '../src/storage/store.ts'

/** What a run is to ask anew, settled when it is planned. */
export interface AskedAnew {
  readonly epoch: number
  /** For each step, how many of the raises of its retry numbers hold. */
  readonly retries: readonly number[]
}

/**
 * Settles what a run asks anew: what it asked so far by its earlier plan, or what the pipeline is at.
 *
 * A wish to ask everything anew moves the pipeline's epoch here, behind everything that can be wrong with the request.
 */
export async function settleAnew(
  store: Store,
  run: string,
  request: RunRequest,
  steps: readonly ResolvedStep[],
  {
    earlier,
    continued,
  }: { readonly earlier?: Plan | undefined; readonly continued?: Plan | undefined },
): Promise<AskedAnew> {
  const { name } = request.spec
  const retries = await Promise.all(
    steps.map(async ({ signature, model }) => {
      if (model === undefined) return 0
      const planned = earlier?.steps.find((step) => step.signature === signature)
      return planned?.retries ?? (await readRaises(store, name, signature)).length
    }),
  )
  const settled = earlier?.epoch ?? continued?.epoch
  if (settled !== undefined) return { epoch: settled, retries }
  const epoch =
    request.isFresh === true ? await moveEpoch(store, name, run) : await readEpoch(store, name)
  return { epoch, retries }
}
