/** A piece of an answer that may be JSON. */
export interface JsonPiece {
  readonly text: string
  /** Whether its brackets close. */
  readonly isWhole: boolean
}

/** Prose may hold brackets; past so many that begin like JSON there is none. */
const mostPieces = 50

/** How JSON begins, as opposed to a bracket in prose; what repair can mend counts. */
const beginning =
  /\{\s*(?:["'“}]|\/[/*]|[\p{L}_$][\p{L}\p{N}_$]*\s*:)|\[\s*(?:["'“[\]{]|\/[/*]|-?\d|(?:true|false|null)\b)/gu

/** The pieces of a text that may be JSON, in the order in which to try them: fenced blocks, then what stands in prose. */
export function findJson(text: string): readonly JsonPiece[] {
  const fenced = fencedBlocks(text)
  return [...fenced, text]
    .flatMap((part, index) => [
      // Values without brackets stand alone.
      ...(index < fenced.length ? [{ text: part.trim(), isWhole: true }] : []),
      ...bracketed(part),
    ])
    .slice(0, mostPieces)
}

function fencedBlocks(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/^[ \t]*```[^\n`]*\n(.*?)(?:^[ \t]*```|(?![\s\S]))/gms),
    ([, inside = '']) => inside,
  )
}

/** Objects and arrays that are in no other. */
function bracketed(text: string): readonly JsonPiece[] {
  const pieces: JsonPiece[] = []
  beginning.lastIndex = 0
  for (let from = 0; pieces.length < mostPieces;) {
    beginning.lastIndex = from
    const start = beginning.exec(text)?.index
    if (start === undefined) break
    const end = closingIndex(text, start)
    // What is within an object that does not close is no answer, but a part of one.
    if (end === undefined) return [...pieces, { text: text.slice(start), isWhole: false }]
    pieces.push({ text: text.slice(start, end), isWhole: true })
    from = end
  }
  return pieces
}

/** Where an object or array ends that begins at `start`; `undefined` where it does not. */
function closingIndex(text: string, start: number): number | undefined {
  let depth = 0
  let isText = false
  for (let index = start; index < text.length; index++) {
    const character = text.charCodeAt(index)
    if (isText) {
      if (character === backslash) index++
      else if (character === quote) isText = false
    } else if (character === quote) isText = true
    else if (character === openBrace || character === openBracket) depth++
    else if ((character === closeBrace || character === closeBracket) && --depth === 0)
      return index + 1
  }
  return undefined
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
