import { hashText } from './hash.ts'

/** A source of numbers in [0, 1). */
export type Random = () => number

/**
 * Makes a random source out of texts: the same texts give the same numbers, on every machine.
 *
 * The generator is sfc32 (PractRand's small fast counting generator), seeded by SHA-256.
 */
export function createRandom(...seeds: readonly (string | number)[]): Random {
  const hash = hashText(seeds.join('\n'))
  let [a, b, c, counter] = [0, 8, 16, 24].map(
    (at) => Number.parseInt(hash.slice(at, at + 8), 16) | 0,
  ) as [number, number, number, number]
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
}

/** A whole number in [0, `below`). */
export function randomInteger(random: Random, below: number): number {
  return Math.floor(random() * below)
}
