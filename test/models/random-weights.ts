import { type Random, createRandom } from '../../src/core/random.ts'

/** Makes weights out of a name and a seed: normally distributed, the same each time. */
export function createWeights(
  seed: string,
): (name: string, count: number, deviation: number) => Float32Array {
  return (name, count, deviation) => {
    const random = createRandom(seed, name)
    return Float32Array.from({ length: count }, () => normal(random) * deviation)
  }
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
