/** Widths of characters in a common sans-serif font, in shares of its size. */
const narrow = /[ .,:;!|'`ijlI[\]()/\\]/
const slim = /[frt"*{}-]/
const wide = /[mwMW@%]/

/**
 * About how wide a text is in a sans-serif font, in pixels. It is rather too much than too little, since nobody knows
 * which font will be there.
 */
export function textWidth(text: string, fontSize: number): number {
  let shares = 0
  for (const character of text) shares += shareOf(character)
  return shares * fontSize
}

function shareOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  // Chinese, Japanese, Korean and pictographs fill a square.
  if (code >= 0x1100) return 1.05
  if (narrow.test(character)) return 0.33
  if (slim.test(character)) return 0.42
  if (wide.test(character)) return 0.95
  if (/\p{Lu}/u.test(character)) return 0.72
  return 0.59
}
