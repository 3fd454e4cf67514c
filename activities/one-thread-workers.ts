import { Worker } from '@temporalio/worker'
import type { WorkflowCreator } from '@temporalio/worker/lib/workflow/interface.js'

/** Creates workers; as the SDK's own class does. */
export type Workers = Pick<typeof Worker, 'create'>

/**
 * Workers of one process that run their workflows in one thread, from the bundle of the first.
 *
 * A thread of its own costs each worker a fifth of a second of processor time at its start.
 */
export function createOneThreadWorkers(): Workers {
  let users = 0
  let creating: Promise<WorkflowCreator> | undefined
  const leave = async (creator?: WorkflowCreator) => {
    users--
    if (users > 0) return
    creating = undefined
    await creator?.destroy()
  }
  return class extends Worker {
    protected static override async createWorkflowCreator(
      ...[bundle, options, logger]: Parameters<typeof Worker.createWorkflowCreator>
    ): Promise<WorkflowCreator> {
      users++
      // The thread only wants to know whether a local activity exists; each worker knows which of them it has.
      const activities = new Map([...options.activities, ['default', async () => {}] as const])
      creating ??= super.createWorkflowCreator(bundle, { ...options, activities }, logger)
      try {
        const creator = await creating
        return {
          createWorkflow: (options) => creator.createWorkflow(options),
          destroy: () => leave(creator),
        }
      } catch (error) {
        await leave()
        throw error
      }
    }
  }
}
