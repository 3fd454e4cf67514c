/** Headers of a reply, by names in lower case. */
export class ReplyHeaders {
  readonly #values: Readonly<Record<string, string | string[] | undefined>>

  constructor(values: Readonly<Record<string, string | string[] | undefined>>) {
    this.#values = values
  }

  get(name: string): string | null {
    const value = this.#values[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : (value ?? null)
  }

  mentions(part: string): boolean {
    for (const name in this.#values) if (name.includes(part)) return true
    return false
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#values)) yield [name, this.get(name) ?? '']
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries()
  }
}
