import { isObject } from '../../core/json.ts'
import type { JournalAnswer, JournalEntry } from './journal.ts'

/** Where an entry stands in a file. */
export type EntryPlace = Pick<JournalEntry, 'hash' | 'position' | 'place'>

/** Writes an entry as one line of JSON. */
export function toLine(entry: JournalEntry): string {
  const { hash, position, place, run, costNanoUsd, budgetBlock, answer } = entry
  return JSON.stringify([hash, position, place, run, costNanoUsd, budgetBlock, answer])
}

/** Reads what {@link toLine} wrote; `undefined` where it is something else. */
export function parseLine(line: string): JournalEntry | undefined {
  const value = parseJson(line)
  if (!Array.isArray(value)) return undefined
  const [hash, position, place, run, costNanoUsd, budgetBlock, answer]: unknown[] = value
  if (
    typeof hash !== 'string' ||
    typeof position !== 'number' ||
    typeof place !== 'string' ||
    typeof run !== 'string' ||
    (costNanoUsd !== null && typeof costNanoUsd !== 'number') ||
    (budgetBlock !== null && typeof budgetBlock !== 'string') ||
    !isAnswer(answer)
  )
    return undefined
  return { hash, position, place, run, costNanoUsd, budgetBlock, answer }
}

/** The order of entries in an object: rows that follow one another are asked for together. */
export function compareEntries(a: EntryPlace, b: EntryPlace): number {
  if (a.position !== b.position) return a.position - b.position
  if (a.place !== b.place) return a.place < b.place ? -1 : 1
  return a.hash === b.hash ? 0 : a.hash < b.hash ? -1 : 1
}

function isAnswer(value: unknown): value is JournalAnswer {
  if (!isObject(value)) return false
  const { choices, vector, image, usage, model } = value
  const isSound =
    typeof vector === 'string' ||
    typeof image === 'string' ||
    (Array.isArray(choices) && choices.every(isChoice))
  return (
    isSound &&
    isObject(usage) &&
    typeof usage['inputTokens'] === 'number' &&
    typeof usage['outputTokens'] === 'number' &&
    typeof model === 'string'
  )
}

function isChoice(choice: unknown): boolean {
  return (
    isObject(choice) &&
    (choice['text'] === null || typeof choice['text'] === 'string') &&
    typeof choice['finishReason'] === 'string'
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
