import { Runtime } from '@temporalio/worker'

import { messageOf } from '../src/core/errors.ts'
import { LeaseHolder } from './lease-holder.ts'
import { Leases } from './leases.ts'
import { LimitGroups } from './limit-groups.ts'
import type { LimitGroupsOptions } from './limit-groups.ts'
import { createOneThreadWorkers } from './one-thread-workers.ts'
import type { Workers } from './one-thread-workers.ts'

/** What the workers of one process share: a thread for their workflows, and the way to limit groups. */
export class WorkerProcess {
  readonly workers: Workers = createOneThreadWorkers()
  readonly #limitGroups: LimitGroups
  readonly #holder = new LeaseHolder()

  constructor(options: Omit<LimitGroupsOptions, 'workers'>) {
    this.#limitGroups = new LimitGroups({ ...options, workers: this.workers })
  }

  /** Shares of limit groups, for limiters of their own. */
  createLeases(): Leases {
    const groups = this.#limitGroups
    const holder = this.#holder
    return new Leases({
      now: () => Date.now(),
      name: () => holder.name(),
      hasEnded: (name) => holder.hasEnded(name),
      request: (group, request) => groups.request(group, request),
      giveBack: (group, name) => groups.giveBack(group, name),
      onTrouble: (group, error) =>
        Runtime.instance().logger.error(
          `Calls of '${group}' wait: what other processes leave of its limits cannot be learned (${messageOf(error)}).`,
        ),
    })
  }

  /** To be called when all its workers have ended, and all leases are given back. */
  async close(): Promise<void> {
    await this.#limitGroups.close()
  }
}
