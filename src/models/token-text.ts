/** What a tokenizer gives for bytes that are not a whole character. */
const replacement = '\uFFFD'
/** No character has more bytes, and no token fewer than one. */
const longestCharacter = 4

/**
 * The text of an answer while its tokens come, which ends before the first stop text.
 *
 * A tokenizer writes a token differently after others than at a beginning, so what a token adds is the difference
 * that it makes to the text of those right before it.
 */
export class TokenText<Token> {
  readonly #decode: (tokens: readonly Token[]) => string
  readonly #stops: readonly string[]
  readonly #tokens: Token[] = []
  #contextStart = 0
  #readEnd = 0
  #text = ''
  #isStopped = false

  constructor(decode: (tokens: readonly Token[]) => string, stops: readonly string[]) {
    this.#decode = decode
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** Takes the next token. */
  push(token: Token): void {
    this.#tokens.push(token)
    const added = this.#pending()
    const isIncomplete =
      added.endsWith(replacement) && this.#tokens.length - this.#readEnd < longestCharacter
    if (added === '' || isIncomplete) return
    this.#contextStart = this.#readEnd
    this.#readEnd = this.#tokens.length
    this.#add(added)
  }

  get tokens(): readonly Token[] {
    return this.#tokens
  }

  /** Whether a stop text has come. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Ends the text, with what had no whole character yet. */
  end(): string {
    if (!this.#isStopped) {
      this.#add(this.#pending())
      this.#readEnd = this.#tokens.length
    }
    return this.#text
  }

  #pending(): string {
    const before = this.#decode(this.#tokens.slice(this.#contextStart, this.#readEnd))
    return this.#decode(this.#tokens.slice(this.#contextStart)).slice(before.length)
  }

  #add(added: string): void {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length))
    const searchedFrom = Math.max(0, this.#text.length - longest + 1)
    this.#text += added
    const found = this.#stops
      .map((stop) => this.#text.indexOf(stop, searchedFrom))
      .filter((at) => at >= 0)
    if (found.length === 0) return
    this.#text = this.#text.slice(0, Math.min(...found))
    this.#isStopped = true
  }
}
