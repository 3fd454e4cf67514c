const around = /^(\*\*\*|\*\*|__|\*|_|`)(?=\S)(?!.+\1.*\1$)(.*\S)\1$/s
const quotes = /^(?:"([^"]+)"|“([^“”]+)”|«([^«»]+)»)$/s
const bold = /(?<![\p{L}\p{N}*])\*\*(?=[^\s*])([^*]+)(?<!\s)\*\*(?![\p{L}\p{N}*])/gu

/** A line of text without heading marks, bold print, and marks or quotes around all of it; code in it stays. */
export function plainLine(line: string): string {
  let text = line.trim().replace(/^(?:[-*+•]\s+|#{1,6}\s+|>\s*)+/, '')
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(around, '$2').trim()
    const [, ...quoted] = quotes.exec(text) ?? []
    text = quoted.find((inside) => inside !== undefined)?.trim() ?? text
  }
  text = text.replaceAll(bold, '$1')
  const isUnpaired = (text.split('**').length - 1) % 2 === 1
  return (isUnpaired ? text.replace(/^\*\*|\*\*$/, '') : text).trim()
}
