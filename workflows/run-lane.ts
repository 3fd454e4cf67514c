import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow'

import { countShards } from '../src/core/range.ts'
import { workflowNames } from '../src/core/run-names.ts'
import { LaneControl } from './lane-control.ts'
import type { LaneInput, LaneProgress } from './run-input.ts'
import { runShard } from './run-shard.ts'

/** A shard of one step takes about 600. */
const eventsForNextShard = 2_000

/** How far the lane is. */
export const laneProgress = defineQuery<LaneProgress>(workflowNames.progress)

/** Works off every `lanes`-th shard of a stage, one after another. */
export async function runLane(input: LaneInput): Promise<LaneProgress> {
  const control = new LaneControl(input)
  setHandler(laneProgress, () => control.progress)
  const goOn = async (shard: number, progress: LaneProgress) => {
    await control.settled()
    return await continueAsNew<typeof runLane>({
      ...input,
      shard,
      progress,
      orders: control.orders,
    })
  }
  const shards = countShards(input.positions, input.plan.shardSize)
  for (let { shard } = input; shard < shards; shard += input.lanes) {
    const before = control.progress
    const { historyLength, continueAsNewSuggested } = workflowInfo()
    if (historyLength > eventsForNextShard || continueAsNewSuggested)
      return await goOn(shard, before)
    const isDone = await runShard(input, control, shard, null, before)
    // The next execution finds in the store what of the shard is done, and counts it then.
    if (!isDone) return await goOn(shard, before)
  }
  await control.settled()
  return control.progress
}
