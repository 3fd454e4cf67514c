import type { IncomingMessage, ServerResponse } from 'node:http'

import { sha256 } from './hub-repos.ts'

/** The storage of large files behind a Hub: Git LFS with single uploads and those in parts. */
export interface HubUploads {
  /** By SHA-256. */
  readonly objects: Map<string, Buffer>
  answerBatch(request: IncomingMessage, response: ServerResponse, endpoint: string): Promise<void>
  receive(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
}

/** Larger objects come in parts of this size. */
const partBytes = 64 * 1024

/** A storage without any object. */
export function createHubUploads(): HubUploads {
  const objects = new Map<string, Buffer>()
  const parts = new Map<string, Map<number, Buffer>>()

  function uploadOf({ oid, size }: LfsObject, endpoint: string): object {
    if (size <= partBytes) return { href: `${endpoint}/upload/${oid}` }
    const count = Math.ceil(size / partBytes)
    const places = Array.from({ length: count }, (_, index) => {
      const number = String(index + 1)
      return [number.padStart(5, '0'), `${endpoint}/upload/${oid}/${number}`] as const
    })
    return {
      href: `${endpoint}/upload/${oid}/complete`,
      header: { chunk_size: String(partBytes), ...Object.fromEntries(places) },
    }
  }

  return {
    objects,
    async answerBatch(request, response, endpoint) {
      const asked = JSON.parse(String(await bodyOf(request))) as {
        readonly objects: readonly LfsObject[]
      }
      send(response, 200, {
        transfer: asked.objects.some(({ size }) => size > partBytes) ? 'multipart' : 'basic',
        objects: asked.objects.map((object) => ({
          ...object,
          ...(objects.has(object.oid) ? {} : { actions: { upload: uploadOf(object, endpoint) } }),
        })),
      })
    },
    async receive(request, response, path) {
      const [, , oid = '', part] = path.split('/')
      const bytes = await bodyOf(request)
      if (part !== undefined && part !== 'complete') {
        const known = parts.get(oid) ?? new Map<number, Buffer>()
        parts.set(oid, known.set(Number(part), bytes))
        response.setHeader('etag', `"${part}"`)
        send(response, 200, {})
        return
      }
      const all = [...(parts.get(oid) ?? [])].toSorted(([a], [b]) => a - b)
      const whole = part === undefined ? bytes : Buffer.concat(all.map(([, piece]) => piece))
      if (sha256(whole) === oid) objects.set(oid, whole)
      send(response, sha256(whole) === oid ? 200 : 400, {})
    },
  }
}

interface LfsObject {
  readonly oid: string
  readonly size: number
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await request.toArray())
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.git-lfs+json' })
  response.end(JSON.stringify(value))
}
