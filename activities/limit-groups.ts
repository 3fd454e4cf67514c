import { Client, WithStartWorkflowOperation } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { NativeConnectionOptions, WorkerOptions } from '@temporalio/worker'

import { noLeases } from '../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, LimitGroupInput } from '../src/core/lease.ts'
import { limitGroupId } from '../src/core/limit-group-id.ts'
import { limitsQueue, workflowNames } from '../src/core/run-names.ts'
import type { Workers } from './one-thread-workers.ts'

const patienceMilliseconds = 4_000
const returnMilliseconds = 500

/** Where limit groups live, and what serves them. */
export interface LimitGroupsOptions {
  readonly connection: NativeConnectionOptions
  readonly namespace: string
  readonly workers: Workers
  readonly code: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>
}

interface Serving {
  readonly client: Client
  end(): Promise<void>
}

/**
 * The limit groups that the processes of a namespace share, and this process's worker for them.
 *
 * Nothing is connected before the first request: a process whose runs were told no limit needs none of it.
 */
export class LimitGroups {
  readonly #options: LimitGroupsOptions
  #serving: Promise<Serving> | undefined
  #isClosed = false

  constructor(options: LimitGroupsOptions) {
    this.#options = options
  }

  /** Asks for a share, and waits for news of it. Rejects where the limit group cannot be reached within seconds. */
  async request(group: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const { client } = await this.#serve()
    const input: LimitGroupInput = { group, state: noLeases }
    // One round trip, whether the limit group is there or not.
    const startWorkflowOperation = new WithStartWorkflowOperation(workflowNames.limitGroup, {
      workflowId: limitGroupId(group),
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: limitsQueue,
      args: [input],
      // What a worker had in hand when it froze or died soon goes to another.
      workflowTaskTimeout: '2 seconds',
    })
    return await client.withDeadline(Date.now() + request.patienceMs + patienceMilliseconds, () =>
      client.workflow.executeUpdateWithStart(workflowNames.requestLease, {
        startWorkflowOperation,
        args: [request],
      }),
    )
  }

  /** Gives a share back; where that fails, it ends by itself. */
  async giveBack(group: string, holder: string): Promise<void> {
    const { client } = await this.#serve()
    const handle = client.workflow.getHandle(limitGroupId(group))
    await client
      .withDeadline(Date.now() + returnMilliseconds, () =>
        handle.executeUpdate(workflowNames.returnLease, { args: [holder] }),
      )
      .catch(() => {})
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const serving = await this.#serving?.catch(() => {})
    await serving?.end()
  }

  #serve(): Promise<Serving> {
    if (this.#serving !== undefined) return this.#serving
    if (this.#isClosed) return Promise.reject(new Error('The limit groups are closed.'))
    const serving = this.#connect()
    this.#serving = serving
    serving.catch(() => (this.#serving = undefined))
    return serving
  }

  async #connect(): Promise<Serving> {
    const { namespace, code, workers } = this.#options
    const connection = await NativeConnection.connect(this.#options.connection)
    const creating = workers.create({
      connection,
      namespace,
      ...code,
      taskQueue: limitsQueue,
      maxCachedWorkflows: 20,
      maxConcurrentWorkflowTaskExecutions: 4,
      // Few, since what a frozen process had asked for goes to it before it goes to others.
      workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
      stickyQueueScheduleToStartTimeout: '1 second',
      shutdownGraceTime: 0,
      shutdownForceTime: '1 second',
    })
    // A request may be on its way before this process serves it: another one may.
    const serving = creating.then((worker) => worker.run())
    const ended = serving
      .catch(() => {
        this.#serving = undefined
      })
      .then(() => connection.close())
    return {
      client: new Client({ connection, namespace }),
      async end() {
        const worker = await creating.catch(() => {})
        if (worker?.getState() === 'RUNNING') worker.shutdown()
        await ended
      },
    }
  }
}
