/** Names in quotes, as sentences list them. */
export function quoted(names: Iterable<string>): string {
  return [...names].map((name) => `'${name}'`).join(', ')
}

/** A sentence that offers what was probably meant, or everything that there is. */
export function nearestName(name: string, known: Iterable<string>): string {
  const names = [...known]
  const ranked = names
    .map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const [nearest] = ranked
  const farthest = Math.min(Math.max(2, name.length / 3), name.length - 1)
  if (nearest !== undefined && nearest.distance <= farthest)
    return `Did you mean '${nearest.other}'?`
  return names.length === 0 ? 'There are none.' : `There are: ${quoted(names.slice(0, 20))}.`
}

/** Levenshtein's distance: insertions, deletions and substitutions from one text to the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current[j] = Math.min(substituted, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1)
    }
    previous = current
  }
  return previous[b.length] ?? a.length
}

/** A text with its first letter in upper case, as sentences begin. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
