import { Agent, createServer, request as forward } from 'node:http'
import { once } from 'node:events'

/** A way to an S3 server that counts what goes over it. */
export interface CountingProxy {
  readonly endpoint: string
  /** Requests that read: GET of an object or of a listing, and HEAD. */
  reads(): number
  reset(): void
  stop(): Promise<void>
}

/** Passes requests on to a server, and counts those that read. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  let reads = 0
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === 'GET' || incoming.method === 'HEAD') reads++
    const options = { method: incoming.method, headers: incoming.headers, agent }
    const passed = forward(`${target}${incoming.url}`, options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    reads: () => reads,
    reset: () => void (reads = 0),
    async stop() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
