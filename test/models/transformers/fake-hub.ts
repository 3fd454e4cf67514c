import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A Hub on this machine. */
export interface FakeHub extends AsyncDisposable {
  readonly url: string
  /** Paths that it was asked for. */
  readonly asked: string[]
}

/**
 * Starts a server of models' files at the addresses of the Hugging Face Hub.
 *
 * @param folders - the folder of each model, by name
 * @param refusals - the status that is the answer to all that is asked of a model
 */
export async function startFakeHub(
  folders: Readonly<Record<string, string>>,
  refusals: Readonly<Record<string, number>> = {},
): Promise<FakeHub> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const [, name = '', file = ''] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.*)$/.exec(path) ?? []
    const refusal = refusals[name]
    if (refusal !== undefined) return void response.writeHead(refusal).end()
    void readFile(join(folders[name] ?? '/nowhere', file)).then(
      (content) => response.writeHead(200, { 'content-length': content.length }).end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
