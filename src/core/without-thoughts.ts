/**
 * An answer without the thoughts in front of it.
 *
 * @throws Error where there are thoughts alone
 */
export function withoutThoughts(text: string): string {
  const [opening] = /^\s*<think(?:ing)?>/i.exec(text) ?? []
  if (opening !== undefined) {
    const end = /<\/think(?:ing)?>/i.exec(text)
    if (end === null) throw new Error('The answer ends within its thoughts.')
    return text.slice(end.index + end[0].length)
  }
  // Where a chat template opens the thoughts, the answer has their end alone.
  const end = /^[ \t]*<\/think(?:ing)?>[ \t]*$/im.exec(text)
  return end === null ? text : text.slice(end.index + end[0].length)
}
