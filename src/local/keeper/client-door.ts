import { createServer, type Socket } from 'node:net'
import { type Greeting, toLine } from './greeting.ts'

/** Where clients hold their sockets: the keeper lives as long as one of them is there. */
export interface ClientDoor {
  readonly port: number
  /** Resolves once no client has been there for the grace time. */
  readonly deserted: Promise<void>
  /** Resolves once a client that was greeted has gone. */
  readonly left: Promise<void>
  /** Tells those who are there, and all who come, how the server fares; who comes while that is open, waits. */
  greet(greeting: Greeting | undefined): void
  close(): void
}

/** A client needs a moment from the start of its keeper to its socket. */
const firstGraceMs = 5000

/** Opens a door on a free port of 127.0.0.1. */
export async function openClientDoor(graceMs: number): Promise<ClientDoor> {
  const clients = new Set<Socket>()
  const deserted = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  let line: string | undefined
  let timer = setTimeout(deserted.resolve, Math.max(graceMs, firstGraceMs))

  const listener = createServer((client) => {
    clearTimeout(timer)
    clients.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => {
      clients.delete(client)
      if (line !== undefined) left.resolve()
      if (clients.size > 0) return
      clearTimeout(timer)
      timer = setTimeout(deserted.resolve, graceMs)
    })
    // Without a reader the end of the client's side would never be seen.
    client.resume()
    if (line !== undefined) client.write(line)
  })
  const port = await new Promise<number>((resolve, refuse) => {
    listener.once('error', refuse)
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  return {
    port,
    deserted: deserted.promise,
    left: left.promise,
    greet: (greeting) => {
      line = greeting === undefined ? undefined : toLine(greeting)
      if (line === undefined) return
      for (const client of clients) client.write(line)
    },
    close: () => {
      clearTimeout(timer)
      listener.close()
      for (const client of clients) client.destroy()
    },
  }
}
