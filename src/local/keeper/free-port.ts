import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import type { Ports } from './server-file.ts'

/**
 * Two neighbouring ports for a folder's server and its UI, the same ones each time while nobody else has them.
 *
 * They lie below the ports that systems give to outgoing connections, so that only another server can be there.
 */
export async function choosePorts(folder: string, attempt: number): Promise<Ports> {
  for (let index = attempt; index < attempt + 100; index++) {
    const digest = createHash('sha256').update(`${folder}:${index}`).digest()
    const port = 17_000 + 2 * (digest.readUInt32BE(0) % 5_000)
    const ports = { port, uiPort: port + 1 }
    if (await arePortsFree(ports)) return ports
  }
  throw new Error('No two neighbouring ports between 17000 and 27000 are free.')
}

/** Whether nobody listens on either port. */
export async function arePortsFree(ports: Ports): Promise<boolean> {
  return (await isPortFree(ports.port)) && (await isPortFree(ports.uiPort))
}

/** Whether nobody listens on a port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      probe.close(() => resolve(true)),
    )
  })
}
