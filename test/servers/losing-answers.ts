import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'

/** A server between a client and another server, on whose answers one cannot rely. */
export interface LosingServer {
  readonly endpoint: string
  /** How many answers were lost or cut. */
  count(): number
  /** Lets the next answer be lost. */
  loseNext(): void
  /** Lets the next answer break off after its first piece. */
  cutNext(): void
  stop(): Promise<void>
}

/**
 * Passes requests on to a server; it can also be named as a proxy.
 *
 * The answer to the first request of a method, to an address with a part in it, gets lost, and further ones as told.
 */
export async function startLosingAnswers(
  target: string,
  method: string,
  part = '',
): Promise<LosingServer> {
  let next: 'pass' | 'lose' | 'cut' = method === 'GET' ? 'pass' : 'lose'
  let count = 0
  const server = createServer((incoming, outgoing) => {
    const { headers, url = '' } = incoming
    const address = url.startsWith('http') ? new URL(url) : new URL(`${target}${url}`)
    const path = `${address.pathname}${address.search}`
    const options = { method: incoming.method, headers }
    const passed = forward(`${target}${path}`, options, (answer) => {
      const isMeant = incoming.method === method && path.includes(part)
      const fate = isMeant ? next : 'pass'
      if (fate !== 'pass') {
        next = 'pass'
        count += 1
      }
      if (fate === 'lose') {
        answer.resume()
        outgoing.destroy()
        return
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      if (fate === 'pass') answer.pipe(outgoing)
      else answer.once('data', (piece) => outgoing.write(piece, () => outgoing.destroy()))
    })
    incoming.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    count: () => count,
    loseNext: () => {
      next = 'lose'
    },
    cutNext: () => {
      next = 'cut'
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
