/** Runs tasks side by side, never more than so many. */
export interface BoundedTasks {
  /** Starts a task, as soon as there is room. @throws what an earlier one failed with */
  start(task: () => Promise<void>): Promise<void>
  /** Waits for all of them. @throws what the first one failed with */
  drain(): Promise<void>
}

/** Makes room for `most` tasks. */
export function createBoundedTasks(most: number): BoundedTasks {
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const check = () => {
    if (failure !== undefined) throw failure.error
  }
  return {
    async start(task) {
      while (running.size >= most) await Promise.race(running)
      check()
      const settled = task()
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => running.delete(settled))
      running.add(settled)
    },
    async drain() {
      await Promise.all(running)
      check()
    },
  }
}
