import { isObject } from '../../core/json.ts'

/** A count of tokens among others; 0 where it is not there. */
export function countIn(counts: unknown, name: string): number {
  const count = isObject(counts) ? counts[name] : undefined
  return typeof count === 'number' && Number.isFinite(count) ? count : 0
}

/** The model that a reply says to be from, or else the one that was asked. */
export function modelIn(told: unknown, asked: string): string {
  return typeof told === 'string' && told !== '' ? told : asked
}
