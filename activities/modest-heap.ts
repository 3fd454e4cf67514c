import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of the part of the heap for new objects from which on it grows no more. */
const mostForNew = 24e6
/** Bytes of resident memory above which the heap is tidied up at once. */
const mostResident = 560e6
const lookMilliseconds = 250
/** Tidying up takes some tenths of a second. */
const leastBetween = 2_000

/**
 * Lets the heap of this process grow by 40 % beyond what lives before it is tidied up, and by less where the process
 * takes much memory.
 *
 * By its own measure V8 lets garbage pile up to several times what lives, half a gigabyte where many rows stream
 * through. To tidy up more often costs a tenth of the time, so that only a process does it that works on so many.
 */
export class ModestHeap {
  #isKept = false
  #collect: () => void = () => {}

  keep(): void {
    if (this.#isKept) return
    this.#isKept = true
    setFlagsFromString('--heap-growing-percent=40')
    setFlagsFromString('--expose-gc')
    // A context that is made after the flag was set has the function.
    this.#collect = runInNewContext('gc') as () => void
    let isGrowing = true
    let collectedAt = 0
    const timer = setInterval(() => {
      if (isGrowing && sizeOfNew() >= mostForNew) {
        isGrowing = false
        setFlagsFromString('--semi-space-growth-factor=1')
      }
      if (process.memoryUsage.rss() < mostResident) return
      if (performance.now() - collectedAt < leastBetween) return
      this.#collect()
      collectedAt = performance.now()
    }, lookMilliseconds)
    timer.unref()
  }

  /** Tidies up ahead of work that takes much memory beside the heap, where it is kept modest. */
  tidyUp(): void {
    this.#collect()
  }
}

function sizeOfNew(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  return young?.space_size ?? 0
}
