import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineUpdate,
  scheduleLocalActivity,
  setCurrentDetails,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow'
import type { LocalActivityOptions } from '@temporalio/workflow'

import type { PlanSummary, RunRef } from '../activities/activities.ts'
import type { Control } from '../activities/run-control.ts'
import { checkBudget } from '../src/core/check-budget.ts'
import { isRetortError } from '../src/core/errors.ts'
import type { ErrorCode } from '../src/core/errors.ts'
import { readSettings, settingsText } from '../src/core/read-settings.ts'
import type { SettingChange } from '../src/core/read-settings.ts'
import { workflowNames } from '../src/core/run-names.ts'
import { mergeSettings } from '../src/core/run-settings.ts'
import type { OnStop, RunSettings } from '../src/core/run-settings.ts'
import { isTooManyRejected, tooManyRejectedText } from '../src/core/too-many-rejected.ts'
import type { RejectedCount } from '../src/core/too-many-rejected.ts'
import { localActivityOptions } from './local-activity-options.ts'
import type { LaneOrders, StopReason } from './run-input.ts'
import { toStopReason } from './shard-control.ts'

const pauseUpdate = defineUpdate<string>(workflowNames.pause)
const resumeUpdate = defineUpdate<string>(workflowNames.resume)
const setUpdate = defineUpdate<string, [readonly SettingChange[]]>(workflowNames.set)

const byUser: StopReason = { code: 'run-paused', message: 'Somebody paused it.' }

/**
 * Pauses, resumes and sets a run: holds what is to hold, and writes it where the workers read it.
 *
 * The work itself is held up by the workers, and what was stopped is done again by those who had scheduled it.
 */
export class Coordinator {
  readonly #ref: RunRef
  readonly #onStop: OnStop
  readonly #spread: (orders: LaneOrders) => void
  #plan: PlanSummary | undefined
  #settings: RunSettings = {}
  #paused: StopReason | undefined
  #generation = 0
  #revision = 0
  #written: Promise<void> = Promise.resolve()
  #failure: ApplicationFailure | undefined
  #isSpending = true
  #hasEnded = false

  /** @param spread - tells the lanes what holds from here on */
  constructor(ref: RunRef, onStop: OnStop, spread: (orders: LaneOrders) => void) {
    this.#ref = ref
    this.#onStop = onStop
    this.#spread = spread
    setHandler(pauseUpdate, () => this.#pauseForUser(), {
      validator: () => this.#checkPause(),
    })
    setHandler(resumeUpdate, () => this.#resumeForUser(), {
      validator: () => this.#checkResume(),
    })
    setHandler(setUpdate, (changes) => this.#setForUser(changes), {
      validator: (changes) => void this.#readChanges(changes),
    })
  }

  get pausedReason(): string | null {
    return this.#paused?.message ?? null
  }

  /** Counts what was told. */
  get revision(): number {
    return this.#revision
  }

  get orders(): LaneOrders {
    return {
      generation: this.#generation,
      groups: groupsOf(this.#plan, this.#settings),
      maxRejected: this.#settings.maxRejected ?? null,
    }
  }

  /** Takes over what was settled with the plan; what was told meanwhile is written before it returns. */
  async begin(plan: PlanSummary, settings: RunSettings): Promise<void> {
    this.#plan = plan
    this.#settings = settings
    if (this.#paused !== undefined) await this.#write()
  }

  /** As {@link ShardControl.stopped}. */
  async stopped(error: unknown, generation: number): Promise<void> {
    const reason = toStopReason(error)
    if (reason === undefined || this.#onStop === 'fail') throw error
    await this.stop(reason, generation)
    await condition(() => this.#generation > generation)
  }

  /** Pauses the run for what stopped it in a generation, or lets it fail. */
  async stop(reason: StopReason, generation: number): Promise<void> {
    if (generation < this.#generation) return
    if (this.#onStop === 'fail') this.#failure ??= toFailure(reason)
    else if (this.#paused === undefined) await this.#pause(reason)
  }

  /** Stops the run where more is rejected than it allows, and tells whether that is so. */
  async checkRejected(count: RejectedCount, isOver: boolean): Promise<boolean> {
    const { generation } = this.orders
    const { maxRejected } = this.#settings
    if (!isTooManyRejected(count, maxRejected, isOver)) return false
    const message = tooManyRejectedText(count, maxRejected)
    await this.stop({ code: 'too-many-rejected', message }, generation)
    return true
  }

  /** Returns when what is rejected in the end is allowed. @throws where the run fails at it */
  async settleRejected(count: RejectedCount): Promise<void> {
    while (isTooManyRejected(count, this.#settings.maxRejected, true)) {
      const generation = this.#generation
      await this.checkRejected(count, true)
      if (this.#failure !== undefined) throw this.#failure
      await condition(() => this.#generation > generation)
    }
  }

  /** Never returns. @throws what the run fails at beside its batches */
  async failure(): Promise<never> {
    await condition(() => this.#failure !== undefined)
    throw this.#failure ?? new Error('unreachable')
  }

  /** Notes that the run asks no model any more. */
  spendNothing(): void {
    this.#isSpending = false
  }

  /** Lets no further call start, whatever is still under way. */
  async end(): Promise<void> {
    this.#isSpending = false
    if (this.#plan === undefined) return
    this.#hasEnded = true
    await this.#write({ scheduleToCloseTimeout: '30 seconds' })
  }

  #pauseForUser = async (): Promise<string> => {
    await this.#pause(byUser)
    return `Run '${this.#ref.run}' is paused; calls in flight finish, and no other starts.`
  }

  #resumeForUser = async (): Promise<string> => {
    await this.#resume()
    return `Run '${this.#ref.run}' goes on.`
  }

  #setForUser = async (changes: readonly SettingChange[]): Promise<string> => {
    const changed = this.#readChanges(changes)
    this.#settings = mergeSettings(this.#settings, changed)
    const said = `Run '${this.#ref.run}': ${settingsText(changed)}.`
    if (!isMended(this.#paused, changed)) {
      await this.#write()
      this.#spread(this.orders)
      return this.#paused === undefined ? said : `${said} It stays paused until it is resumed.`
    }
    await this.#resume()
    return `${said} It goes on.`
  }

  #checkPause(): void {
    if (this.#paused !== undefined)
      throw refused(
        'run-not-live',
        `Run '${this.#ref.run}' is paused already: ${this.#paused.message}`,
      )
    this.#checkSpending('pause')
  }

  #checkResume(): void {
    if (this.#paused === undefined)
      throw refused(
        'run-not-live',
        `Run '${this.#ref.run}' is not paused, so there is nothing to resume.`,
      )
  }

  #checkSpending(what: string): void {
    if (!this.#isSpending)
      throw refused(
        'run-not-live',
        `Run '${this.#ref.run}' asks no model any more, so there is nothing to ${what}.`,
      )
  }

  #readChanges(changes: readonly SettingChange[]): RunSettings {
    this.#checkSpending('set')
    if (this.#plan === undefined)
      throw refused(
        'run-not-live',
        `Run '${this.#ref.run}' is still being planned; set it in a moment.`,
      )
    try {
      const changed = readSettings(changes, this.#plan.steps)
      const { budget } = mergeSettings(this.#settings, changed)
      if (changed.budget !== undefined && budget !== undefined)
        checkBudget(budget, this.#plan.models)
      return changed
    } catch (error) {
      if (isRetortError(error)) throw refused(error.code, error.message)
      throw error
    }
  }

  async #pause(reason: StopReason): Promise<void> {
    this.#paused = reason
    this.#show()
    await this.#write()
  }

  async #resume(): Promise<void> {
    this.#paused = undefined
    this.#generation++
    this.#show()
    await this.#write()
    this.#spread(this.orders)
  }

  /** Tells those who look at the run on the server, also when no worker is there to ask. */
  #show(): void {
    const reason = this.pausedReason
    setCurrentDetails(reason === null ? '' : `**Paused**: ${reason}`)
    upsertMemo({ pausedReason: reason })
  }

  /** One write at a time, each of what holds by then. Before it is planned, a run has nothing to hold. */
  async #write(options: LocalActivityOptions = {}): Promise<void> {
    if (this.#plan === undefined) return
    const write = () => {
      const control: Control = {
        execution: this.#ref.execution,
        revision: ++this.#revision,
        paused: this.#hasEnded ? 'It has ended.' : this.pausedReason,
        generation: this.#generation,
        settings: this.#settings,
      }
      return CancellationScope.nonCancellable(() =>
        scheduleLocalActivity<void>('writeControl', [{ ref: this.#ref, control }], {
          ...localActivityOptions,
          ...options,
        }),
      )
    }
    this.#written = this.#written.then(write, write)
    await this.#written
  }
}

/** Whether what was changed is what the run waits for. */
function isMended(paused: StopReason | undefined, changed: RunSettings): boolean {
  return (
    (paused?.code === 'budget' && changed.budget !== undefined) ||
    (paused?.code === 'too-many-rejected' && changed.maxRejected !== undefined)
  )
}

/** For each limit group the smallest ceiling that its steps are told. */
function groupsOf(plan: PlanSummary | undefined, { limits }: RunSettings): LaneOrders['groups'] {
  const groups: Record<string, number | null> = {}
  for (const { name, limitGroup, maxConcurrency } of plan?.steps ?? []) {
    if (limitGroup === null) continue
    const own = limits?.[name]?.maxConcurrency ?? maxConcurrency
    const told = [groups[limitGroup] ?? null, own].filter((limit) => limit !== null)
    groups[limitGroup] = told.length === 0 ? null : Math.min(...told)
  }
  return groups
}

function toFailure({ code, message }: StopReason): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message, nonRetryable: true })
}

/** What an update says no with. */
function refused(code: ErrorCode, message: string): ApplicationFailure {
  return toFailure({ code, message })
}
