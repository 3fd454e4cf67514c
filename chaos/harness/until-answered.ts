import type { FakeProcess } from '../../bench/engine/fake-process.ts'
import type { Going } from '../../test/e2e/retort-command.ts'
import { waitUntil } from '../../test/e2e/wait-until.ts'

/** Waits until the provider has given so many answers to a command that must not end before. */
export async function untilAnswered(
  fake: FakeProcess,
  answers: number,
  going: Going,
  patienceSeconds = 120,
): Promise<void> {
  const holds = async () => {
    if (going.child.exitCode !== null)
      throw new Error(
        `The command ended with ${going.child.exitCode} before answer ${answers}: ${going.output().stderr.slice(-600)}`,
      )
    return (await fake.stats()).answered >= answers
  }
  await waitUntil(holds, `answer ${answers}`, patienceSeconds)
}
