import { RetortError } from '../../core/errors.ts'

import type { ProviderCall } from '../http/provider-call.ts'

/**
 * Reads vectors as lists of numbers.
 *
 * @throws RetortError `request-invalid` where they are not one a text, or not all of one length
 */
export function toVectors(
  call: ProviderCall,
  given: readonly unknown[],
  texts: number,
): readonly Float32Array[] {
  const vectors = given.map(toVector).filter((vector) => vector !== undefined)
  const length = vectors[0]?.length
  if (vectors.length === texts && vectors.every((vector) => vector.length === length))
    return vectors
  throw new RetortError(
    'request-invalid',
    `${call.who} got ${given.length} vectors for ${texts} texts from ${call.url}, or some that are unlike the others.`,
  )
}

function toVector(given: unknown): Float32Array | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined
  const vector = Float32Array.from(given)
  return vector.every(Number.isFinite) ? vector : undefined
}
