/** Something loaded that others may use, too. */
export interface SharedLoad<Value> {
  readonly value: Value
  /** Lets go of it; who lets go last disposes of it. */
  release(): Promise<void>
}

interface Load<Value> {
  readonly loading: Promise<Value>
  users: number
}

/** Loads what is large once for all who ask for the same, and keeps it while somebody uses it. */
export class SharedLoads<Value> {
  readonly #loads = new Map<string, Load<Value>>()
  readonly #dispose: (value: Value) => Promise<void>

  constructor(dispose: (value: Value) => Promise<void>) {
    this.#dispose = dispose
  }

  async acquire(key: string, load: () => Promise<Value>): Promise<SharedLoad<Value>> {
    const known = this.#loads.get(key)
    const shared = known ?? { loading: load(), users: 0 }
    if (known === undefined) this.#loads.set(key, shared)
    shared.users++
    const leave = () => {
      shared.users--
      if (shared.users > 0) return false
      if (this.#loads.get(key) === shared) this.#loads.delete(key)
      return true
    }
    let value: Value
    try {
      value = await shared.loading
    } catch (error) {
      leave()
      throw error
    }
    let isReleased = false
    return {
      value,
      release: async () => {
        if (isReleased) return
        isReleased = true
        if (leave()) await this.#dispose(value)
      },
    }
  }
}
