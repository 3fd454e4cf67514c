/** A queue whose first item is found at once, and taken or added in logarithmic time. */
export class Heap<Item extends object> {
  #items: Item[] = []
  readonly #isBefore: (one: Item, other: Item) => boolean

  constructor(isBefore: (one: Item, other: Item) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  push(item: Item): void {
    this.#items.push(item)
    this.#rise(this.#items.length - 1, item)
  }

  pop(): Item | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#sink(0, last)
    return first
  }

  /** Drops every item that the predicate does not hold for, in linear time. */
  keep(predicate: (item: Item) => boolean): void {
    const kept = this.#items.filter(predicate)
    this.#items = kept
    for (let index = (kept.length >> 1) - 1; index >= 0; index -= 1) {
      const item = kept[index]
      if (item !== undefined) this.#sink(index, item)
    }
  }

  #rise(from: number, item: Item): void {
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex]
      if (parent === undefined || !this.#isBefore(item, parent)) break
      this.#items[index] = parent
      index = parentIndex
    }
    this.#items[index] = item
  }

  #sink(from: number, item: Item): void {
    let index = from
    for (;;) {
      const leftIndex = 2 * index + 1
      const left = this.#items[leftIndex]
      if (left === undefined) break
      const right = this.#items[leftIndex + 1]
      const isRight = right !== undefined && this.#isBefore(right, left)
      const child = isRight ? right : left
      if (!this.#isBefore(child, item)) break
      this.#items[index] = child
      index = isRight ? leftIndex + 1 : leftIndex
    }
    this.#items[index] = item
  }
}
