import { randomUUID } from 'node:crypto'

import { identityOf } from '../src/storage/process-identity.ts'
import { workersFolder } from '../src/core/run-names.ts'
import type { Store } from '../src/storage/store.ts'

const renewMilliseconds = 5_000

/** Renews an object that tells others that a worker serves a queue. */
export class SignOfLife {
  readonly #store: Store
  readonly #key: string
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store, queue: string) {
    this.#store = store
    this.#key = `${workersFolder(queue)}${randomUUID()}`
  }

  async begin(): Promise<void> {
    await this.#renew()
    this.#timer = setInterval(() => void this.#renew().catch(() => {}), renewMilliseconds)
    this.#timer.unref()
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#store.delete(this.#key).catch(() => {})
  }

  async #renew(): Promise<void> {
    const sign = { ...identityOf(), renewedAt: Date.now() }
    await this.#store.put(this.#key, new TextEncoder().encode(JSON.stringify(sign)))
  }
}
