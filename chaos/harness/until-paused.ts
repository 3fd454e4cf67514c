import type { Going } from '../../test/e2e/retort-command.ts'
import { waitUntil } from '../../test/e2e/wait-until.ts'
import type { Lab } from './lab.ts'

/** Waits until `retort show` tells that a run is paused, and gives the sentence that says why. */
export async function untilPaused(
  lab: Lab,
  folder: string,
  run: string,
  going: Going,
): Promise<string> {
  let sentence = ''
  await waitUntil(async () => {
    if (going.child.exitCode !== null)
      throw new Error(
        `The command ended with ${going.child.exitCode} instead of pausing: ${going.output().stderr.slice(-600)}`,
      )
    const { code, stdout } = await lab.run(folder, ['show', run, '--json'])
    if (code !== 0) return false
    const shown = JSON.parse(stdout) as { status: string; pausedReason?: string }
    sentence = shown.pausedReason ?? ''
    return shown.status === 'paused'
  }, `the pause of run '${run}'`)
  return sentence
}
