import { createHash, randomUUID } from 'node:crypto'

import { hasEnded, identityOf } from '../src/storage/process-identity.ts'
import type { ProcessIdentity } from '../src/storage/process-identity.ts'

/** Names that a process has leases under; other processes of its host see by them whether it still runs. */
export class LeaseHolder {
  readonly #self: ProcessIdentity

  constructor(self: ProcessIdentity = identityOf()) {
    this.#self = self
  }

  /** A name that nothing had before. */
  name(): string {
    const { host, pid, start } = this.#self
    return [shorten(host), pid, encodeURIComponent(start), randomUUID()].join('/')
  }

  /** Whether the process that has a name has certainly ended. */
  hasEnded(name: string): boolean {
    const [host = '', pid = '', start = ''] = name.split('/')
    return (
      host === shorten(this.#self.host) &&
      hasEnded({ host: this.#self.host, pid: Number(pid), start: decodeURIComponent(start) }) ===
        true
    )
  }
}

function shorten(host: string): string {
  return createHash('sha256').update(host).digest('base64url').slice(0, 12)
}
