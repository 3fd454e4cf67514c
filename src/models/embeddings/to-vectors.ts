import { RetortError } from '../../core/errors.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { normalize } from './normalize.ts'

/** What the vectors of a call have to be. */
export interface WantedVectors {
  /** Texts that were sent. */
  readonly texts: number
  /** Numbers of each, where that was asked for. */
  readonly dimensions?: number | undefined
  readonly normalize: boolean
}

/**
 * Makes vectors of what a provider sent for texts, in their order.
 *
 * @throws RetortError `request-invalid` where it is not one vector of finite numbers a text, all of one length
 */
export function toVectors(
  call: Pick<ProviderCall, 'who' | 'url'>,
  sent: readonly unknown[],
  wanted: WantedVectors,
): readonly Float32Array[] {
  const bad = (what: string) =>
    new RetortError('request-invalid', `${call.who} got ${what} from ${call.url}.`)
  if (sent.length !== wanted.texts)
    throw bad(`${countOf(sent.length, 'vector')} for ${countOf(wanted.texts, 'text')}`)
  const vectors = sent.map((value, index) => {
    const vector = toVector(value)
    if (vector === undefined || vector.length === 0 || !vector.every(Number.isFinite))
      throw bad(`something else than numbers as vector ${index + 1}`)
    return vector
  })
  const [first] = vectors
  const length = first?.length
  if (vectors.some((vector) => vector.length !== length)) throw bad('vectors of several lengths')
  if (wanted.dimensions !== undefined && length !== wanted.dimensions)
    throw new RetortError(
      'parameter-invalid',
      `${call.who} was asked for ${wanted.dimensions} dimensions and has ${length}; leave 'dimensions' out.`,
    )
  return wanted.normalize ? vectors.map(normalize) : vectors
}

/** Reads numbers, or the base64 of 32-bit numbers, the lowest byte first. */
function toVector(value: unknown): Float32Array | undefined {
  if (value instanceof Float32Array) return value
  if (Array.isArray(value)) {
    // Anything else would become a number that nobody sent.
    return value.every((each) => typeof each === 'number') ? Float32Array.from(value) : undefined
  }
  if (typeof value !== 'string') return undefined
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0) return undefined
  const vector = new Float32Array(bytes.length / Float32Array.BYTES_PER_ELEMENT)
  new Uint8Array(vector.buffer).set(bytes)
  return vector
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
