import { jsonrepair } from 'jsonrepair'

/** Repair takes minutes where much is to be mended; within these limits, 0.2 s at worst. */
const mostCharacters = 30_000
const mostStrayQuotes = 100

/** A text with what is wrong about its JSON mended; `undefined` where that is too much. */
export function repairJson(text: string): string | undefined {
  if (text.length > mostCharacters || strayQuotes(text) > mostStrayQuotes) return undefined
  try {
    return jsonrepair(text)
  } catch {
    return undefined
  }
}

/** How many quotes stand neither where a text of JSON begins nor where it ends. */
function strayQuotes(text: string): number {
  let count = 0
  for (const { index } of text.matchAll(/["'“”‘’`´]/g)) {
    const begins = /[{[,:]\s*$/.test(text.slice(Math.max(0, index - mostSpace), index))
    const ends = /^\s*[,:}\]]/.test(text.slice(index + 1, index + 1 + mostSpace))
    if (!begins && !ends) count++
  }
  return count
}

const mostSpace = 20
