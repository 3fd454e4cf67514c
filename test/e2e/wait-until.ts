/** Waits until a condition holds, and looks again every few milliseconds. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const giveUpAt = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited for a minute, but ${what} did not come.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
