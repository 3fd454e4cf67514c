import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes at which the part of the heap for new objects stops growing; by itself it grows to four times that. */
const mostForNew = 16e6
const milliseconds = 100

/**
 * Lets the heap grow by 30 % beyond what lives before it is tidied up.
 *
 * By its own measure V8 lets garbage pile up to several times what lives, half a gigabyte where rows stream through; to
 * tidy up more often costs a few per cent of the time.
 */
export function keepHeapModest(): void {
  setFlagsFromString('--heap-growing-percent=30')
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
    if (young !== undefined && young.space_size < mostForNew) return
    setFlagsFromString('--semi-space-growth-factor=1')
    clearInterval(timer)
  }, milliseconds)
  timer.unref()
}
