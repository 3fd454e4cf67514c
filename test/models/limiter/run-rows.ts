import { isRetortError } from '../../../src/core/errors.ts'
import type { CallOptions } from '../../../src/models/limiter/call-options.ts'
import type { Limiter } from '../../../src/models/limiter/limiter.ts'
import type { FakeClock } from '../fake-clock.ts'
import type { SimulatedProvider } from './simulated-provider.ts'

/** What became of a number of rows. */
export interface RowsRun {
  done: number
  readonly rejected: unknown[]
  seconds: number
}

/** Rows that each limiter has at hand, in flight and waiting. */
const atHand = 50

/**
 * Asks for rows through limiters, as workers do that take batches from one queue, until all are done
 * or the time is up; `meanwhile` happens in between, at every half second.
 */
export async function runRows(
  rows: number,
  limiters: readonly Limiter[],
  provider: SimulatedProvider,
  clock: FakeClock,
  {
    withinMs = 600_000,
    meanwhile = () => {},
    options = () => ({}),
  }: {
    readonly withinMs?: number
    readonly meanwhile?: (atMs: number, run: RowsRun) => void
    readonly options?: (row: number) => CallOptions<string>
  } = {},
): Promise<RowsRun> {
  const start = clock.now()
  const run: RowsRun = { done: 0, rejected: [], seconds: 0 }
  let next = 0
  const work = async (limiter: Limiter) => {
    while (next < rows) {
      const row = next++
      for (;;) {
        try {
          await limiter.run(row, () => provider.ask(), options(row))
          run.done += 1
        } catch (error) {
          if (isRetortError(error) && error.verdict === 'retry') {
            await new Promise<void>((resolve) => clock.after(error.retryAfterMs ?? 1000, resolve))
            continue
          }
          run.rejected.push(error)
        }
        run.seconds = (clock.now() - start) / 1000
        break
      }
    }
  }
  const all = limiters.flatMap((limiter) => Array.from({ length: atHand }, () => work(limiter)))
  const isDone = () => run.done + run.rejected.length >= rows
  while (!isDone() && clock.now() - start < withinMs) {
    await clock.advance(500)
    meanwhile(clock.now() - start, run)
  }
  if (isDone()) await Promise.all(all)
  return run
}
