import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow'

import { countShards } from '../src/core/range.ts'
import { workflowNames } from '../src/core/run-names.ts'
import type { LaneInput, LaneProgress } from './run-input.ts'
import { runShard } from './run-shard.ts'

/** A shard of one step takes about 600. */
const eventsForNextShard = 2_000

/** How far the lane is. */
export const laneProgress = defineQuery<LaneProgress>(workflowNames.progress)

/** Works off every `lanes`-th shard of a run, one after another. */
export async function runLane(input: LaneInput): Promise<LaneProgress> {
  let { shard, progress } = input
  setHandler(laneProgress, () => progress)
  const shards = countShards(input.plan.rows, input.plan.shardSize)
  for (; shard < shards; shard += input.lanes) {
    const { historyLength, continueAsNewSuggested } = workflowInfo()
    if (historyLength > eventsForNextShard || continueAsNewSuggested)
      return await continueAsNew<typeof runLane>({ ...input, shard, progress })
    const before = progress
    const isDone = await runShard(input, shard, null, before, (now) => (progress = now))
    // The next execution finds in the store what of the shard is done, and counts it then.
    if (!isDone) return await continueAsNew<typeof runLane>({ ...input, shard, progress: before })
  }
  return progress
}
