const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Milliseconds within which signals count as one: a terminal and npx both deliver the same Ctrl-C. */
const oneSignalMilliseconds = 200

/**
 * Calls back on the first, second and further Ctrl-C, SIGTERM or SIGHUP.
 *
 * @returns ends that, so that a signal ends the process again
 */
export function onInterrupt(listen: (count: number) => void): () => void {
  let count = 0
  let lastAt = Number.NEGATIVE_INFINITY
  const heard = () => {
    const at = performance.now()
    if (at - lastAt < oneSignalMilliseconds) return
    lastAt = at
    listen(++count)
  }
  for (const signal of signals) process.on(signal, heard)
  return () => {
    for (const signal of signals) process.removeListener(signal, heard)
  }
}

/** Resolves at the first Ctrl-C, SIGTERM or SIGHUP; the second ends the process at once. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    onInterrupt((count) => (count === 1 ? resolve() : process.exit(130)))
  })
}
