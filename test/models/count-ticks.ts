/** Runs work, and counts the ticks of a timer meanwhile; `longest` is the longest time between two, in milliseconds. */
export async function countTicks(
  work: () => Promise<unknown>,
): Promise<{ readonly ticks: number; readonly longest: number }> {
  let ticks = 0
  let longest = 0
  let last = performance.now()
  const tick = () => {
    const now = performance.now()
    ticks++
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(tick, 5)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return { ticks, longest }
}
