import type { Going } from '../../test/e2e/retort-command.ts'
import { waitUntil } from '../../test/e2e/wait-until.ts'

/** Waits until `retort worker` says that it works. */
export async function untilServing(worker: Going): Promise<void> {
  await waitUntil(() => {
    const { stderr } = worker.output()
    if (worker.child.exitCode !== null) throw new Error(`The worker ended: ${stderr.slice(-600)}`)
    return stderr.includes('Working on the runs')
  }, 'a worker')
}
