import {
  ParentClosePolicy,
  getExternalWorkflowHandle,
  setHandler,
  startChild,
} from '@temporalio/workflow'

import { countShards } from '../src/core/range.ts'
import type { Reach } from '../src/core/reach.ts'
import { workflowNames } from '../src/core/run-names.ts'
import type { OnStop } from '../src/core/run-settings.ts'
import type { Coordinator } from './coordinator.ts'
import { countSignal, countedSignal, ordersSignal, stoppedSignal, toCount } from './lane-control.ts'
import { addProgress, noProgress } from './progress-sum.ts'
import { RejectionRound } from './rejection-round.ts'
import type { LaneInput, LaneOrders, LaneProgress, StageWork } from './run-input.ts'
import { countLanes } from './window.ts'

/** Lets lanes work off the shards of stages, several stages at a time. */
export class StageLanes {
  readonly #work: StageWork
  readonly #control: Coordinator
  readonly #onStop: OnStop
  readonly #report: (lanes: readonly string[]) => void
  readonly #rounds = new Map<string, RejectionRound>()
  readonly #live = new Set<string>()
  #started = 0

  /** @param report - told which lanes are at work */
  constructor(
    work: StageWork,
    control: Coordinator,
    onStop: OnStop,
    report: (lanes: readonly string[]) => void,
  ) {
    this.#work = work
    this.#control = control
    this.#onStop = onStop
    this.#report = report
    // The run does not wait for these at its end: a lane that has failed never tells its count.
    setHandler(stoppedSignal, ({ generation, ...reason }) => {
      control.stop(reason, generation).catch(ignoreEnd)
    })
    setHandler(countedSignal, (count) => {
      this.#rounds.get(count.group)?.told(count).catch(ignoreEnd)
    })
  }

  /** Works off a stage, and waits for the end of it. */
  async run(reach: Reach, stage: number, positions: number): Promise<LaneProgress> {
    const { plan, ref } = this.#work
    const lanes = countLanes(countShards(positions, plan.shardSize))
    const first = this.#started
    this.#started += lanes
    const ids = Array.from(
      { length: lanes },
      (_, lane) => `${ref.run}:lane-${first + lane}:${ref.execution}`,
    )
    const group = `${first}`
    const round = this.#roundOf(ids)
    this.#rounds.set(group, round)
    const input = { ...this.#work, reach, stage, positions, lanes, group, onStop: this.#onStop }
    const results = await Promise.all(
      ids.map(async (id, lane) => {
        const progress = await this.#runLane(id, { ...input, lane })
        round.finish({ group, lane, ...toCount(progress) })
        return progress
      }),
    )
    this.#rounds.delete(group)
    for (const id of ids) this.#live.delete(id)
    return results.reduce(addProgress, noProgress(plan))
  }

  /** The lanes that have told nothing of what they did but to who asks them. */
  report(): void {
    this.#report([...this.#live])
  }

  #roundOf(ids: readonly string[]): RejectionRound {
    return new RejectionRound(
      ids.length,
      (lane) =>
        void getExternalWorkflowHandle(ids[lane] ?? '')
          .signal(countSignal)
          .catch(() => {}),
      async (sum) => {
        // Lanes wait for what follows from their count; a run that stops at it tells them when it is resumed.
        if (!(await this.#control.checkRejected(sum, false))) tellLanes(ids, this.#control.orders)
      },
    )
  }

  async #runLane(
    workflowId: string,
    input: Omit<LaneInput, 'shard' | 'progress' | 'orders'>,
  ): Promise<LaneProgress> {
    const { orders, revision } = this.#control
    const { lane, lanes, plan } = input
    const args: LaneInput = { ...input, shard: lane, progress: noProgress(plan), orders }
    const child = await startChild<(input: LaneInput) => Promise<LaneProgress>>(
      workflowNames.lane,
      {
        workflowId,
        args: [args],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
        staticSummary: `lane ${lane + 1} of ${lanes}`,
      },
    )
    this.#live.add(workflowId)
    this.report()
    // What was told while it started, it has not heard.
    if (this.#control.revision !== revision) tellLanes([workflowId], this.#control.orders)
    return await child.result()
  }
}

/** A pause that cannot be written: the run is cancelled, or goes on in another execution, as its batches learn too. */
export function ignoreEnd(): void {}

/** Tells lanes what holds from here on; one that has ended needs to know nothing. */
export function tellLanes(lanes: readonly string[], orders: LaneOrders): void {
  for (const lane of lanes)
    void getExternalWorkflowHandle(lane)
      .signal(ordersSignal, orders)
      .catch(() => {})
}
