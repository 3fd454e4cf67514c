/** Waits until a condition holds, a minute where nothing else is said, and looks again every few milliseconds. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  what: string,
  patienceSeconds = 60,
): Promise<void> {
  const giveUpAt = Date.now() + patienceSeconds * 1_000
  while (!(await holds())) {
    if (Date.now() > giveUpAt)
      throw new Error(`Waited for ${patienceSeconds} s, but ${what} did not come.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
