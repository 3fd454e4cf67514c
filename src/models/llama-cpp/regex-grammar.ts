/** A grammar cannot say what this expression asks for. */
class CannotSay extends Error {}

/** Longer repetitions make a grammar that llama.cpp refuses. */
const longestRepetition = 1000

const classes: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z0-9_',
  s: ' \\t\\n\\r',
}
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }

/**
 * The grammar of llama.cpp (GBNF) for the texts that a regular expression matches as a whole.
 *
 * @returns `undefined` for what no grammar can say: looking around, referring back, boundaries of words, flags
 */
export function toRegexGrammar(pattern: string): string | undefined {
  const start = pattern.startsWith('^') ? 1 : 0
  const hasEnd = /(?<!\\)(?:\\\\)*\$$/.test(pattern)
  const reader = new RegexReader(pattern.slice(start, hasEnd ? -1 : undefined))
  try {
    return `root ::= ${reader.readAll()}`
  } catch (error) {
    if (error instanceof CannotSay) return undefined
    throw error
  }
}

class RegexReader {
  readonly #characters: readonly string[]
  #at = 0

  constructor(pattern: string) {
    this.#characters = Array.from(pattern)
  }

  readAll(): string {
    const grammar = this.#alternatives()
    if (this.#at < this.#characters.length) throw new CannotSay()
    return grammar
  }

  #alternatives(): string {
    const alternatives = [this.#sequence()]
    while (this.#take('|')) alternatives.push(this.#sequence())
    return alternatives.join(' | ')
  }

  #sequence(): string {
    const items: string[] = []
    for (;;) {
      const next = this.#characters[this.#at]
      if (next === undefined || next === '|' || next === ')') break
      items.push(`${this.#atom()}${this.#quantifier()}`)
    }
    return items.length === 0 ? '""' : items.join(' ')
  }

  #atom(): string {
    const character = this.#next()
    if (character === '(') return this.#group()
    if (character === '[') return this.#set()
    if (character === '.') return '[^\\n\\r]'
    if (character === '\\') return this.#escape()
    if ('^$*+?{'.includes(character)) throw new CannotSay()
    return quoted(character)
  }

  #group(): string {
    if (this.#take('?')) {
      const isPlain = this.#take(':')
      if (!isPlain && !this.#takeName()) throw new CannotSay()
    }
    const inner = this.#alternatives()
    if (!this.#take(')')) throw new CannotSay()
    return `(${inner})`
  }

  /** Takes the name of a group that has one. */
  #takeName(): boolean {
    if (!this.#take('<')) return false
    const rest = this.#characters.slice(this.#at).join('')
    const name = /^[A-Za-z_]\w*>/.exec(rest)?.[0]
    if (name === undefined) return false
    this.#at += name.length
    return true
  }

  #set(): string {
    let set = this.#take('^') ? '^' : ''
    for (;;) {
      const character = this.#next()
      if (character === ']') break
      if (character !== '\\') {
        set += character === '-' ? '-' : inSet(character)
        continue
      }
      const escaped = this.#next()
      set += classes[escaped] ?? inSet(this.#escapedCharacter(escaped))
    }
    if (set === '' || set === '^') throw new CannotSay()
    return `[${set}]`
  }

  #escape(): string {
    const escaped = this.#next()
    const known = classes[escaped]
    if (known !== undefined) return `[${known}]`
    const negated = classes[escaped.toLowerCase()]
    if (negated !== undefined) return `[^${negated}]`
    return quoted(this.#escapedCharacter(escaped))
  }

  #escapedCharacter(escaped: string): string {
    const control = controls[escaped]
    if (control !== undefined) return control
    if (escaped === 'x') return this.#codePoint(2)
    if (escaped === 'u') return this.#codePoint(4)
    if (/[A-Za-z0-9]/.test(escaped)) throw new CannotSay()
    return escaped
  }

  #codePoint(digits: number): string {
    const hex = this.#characters.slice(this.#at, this.#at + digits).join('')
    if (!new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hex)) throw new CannotSay()
    this.#at += digits
    return String.fromCodePoint(Number.parseInt(hex, 16))
  }

  #quantifier(): string {
    const rest = this.#characters.slice(this.#at, this.#at + 16).join('')
    const [whole, least, most] = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})/.exec(rest) ?? []
    if (whole === undefined) return ''
    if (Math.max(Number(least ?? 0), Number(most ?? 0)) > longestRepetition) throw new CannotSay()
    this.#at += whole.length
    // Which of several matches is found first makes no difference to whether there is one.
    this.#take('?')
    return whole
  }

  #next(): string {
    const character = this.#characters[this.#at]
    if (character === undefined) throw new CannotSay()
    this.#at++
    return character
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false
    this.#at++
    return true
  }
}

function quoted(character: string): string {
  return character === '"' ? String.raw`"\""` : `"${escaped(character)}"`
}

function inSet(character: string): string {
  if (character === '-' || character === '^') return codePointEscape(character)
  return character === '[' || character === ']' ? `\\${character}` : escaped(character)
}

function escaped(character: string): string {
  if (character === '\\') return '\\\\'
  return /[\x20-\x7e]/.test(character) ? character : codePointEscape(character)
}

function codePointEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
