import { isObject } from '../../core/json.ts'

/** A count of tokens among others; 0 where it is not there. */
export function countIn(counts: unknown, name: string): number {
  return countOf(isObject(counts) ? counts[name] : undefined)
}

/** A number as a count; 0 where it is none. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

/** A count that may be told as a text, as headers and Google have it; 0 where it is none. */
export function countOfText(value: unknown): number {
  const count = Number(value ?? 0)
  return Number.isFinite(count) ? count : 0
}

/** The model that a reply says to be from, or else the one that was asked. */
export function modelIn(told: unknown, asked: string): string {
  return typeof told === 'string' && told !== '' ? told : asked
}
