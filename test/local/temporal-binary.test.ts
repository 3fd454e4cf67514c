import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { findTemporalBinary } from '../../src/local/temporal-binary.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
let cached: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retort-binary-'))
  cached = join(folder, 'cache', 'bin', 'temporal-1.8.2')
  vi.stubEnv('RETORT_CACHE', join(folder, 'cache'))
  vi.stubEnv('PATH', ['/usr/bin', '/bin'].join(delimiter))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function writeTemporal(path: string, server: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "temporal version 1.0.0 (Server ${server}, UI 2.0.0)"\n`)
  chmodSync(path, 0o755)
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

test('a recent Temporal CLI on the PATH is used', async () => {
  writeTemporal(join(folder, 'bin', 'temporal'), '1.31.2')
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}/bin`)
  expect(await findTemporalBinary()).toEqual({ path: 'temporal', source: 'path' })
})

test('an old Temporal CLI on the PATH is passed over for the cached one', async () => {
  writeTemporal(join(folder, 'bin', 'temporal'), '1.24.0')
  writeTemporal(cached, '1.31.2')
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}/bin`)
  expect(await findTemporalBinary()).toEqual({ path: cached, source: 'cache' })
})

test('a release is downloaded for this machine, once', async () => {
  writeTemporal(join(folder, 'release', 'temporal'), '1.31.2')
  const archive = join(folder, 'temporal.tar.gz')
  execFileSync('tar', ['-czf', archive, '-C', join(folder, 'release'), 'temporal'])
  const asked: string[] = []
  const origin = await serve((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/moved') response.end(readFileSync(archive))
    else response.writeHead(302, { location: '/moved' }).end()
  })
  const lines: string[] = []
  const found = await findTemporalBinary({ origin, onProgress: (line) => lines.push(line) })
  expect(found).toEqual({ path: cached, source: 'download' })
  expect(execFileSync(cached, { encoding: 'utf8' })).toContain('Server 1.31.2')
  expect(lines).toEqual([expect.stringContaining('Downloading Temporal 1.8.2')])
  expect(asked[0]).toMatch(/^\/cli\/archive\/v1\.8\.2\?platform=(linux|darwin)&arch=(amd64|arm64)$/)
  expect(readdirSync(join(cached, '..'))).toEqual(['temporal-1.8.2'])
  expect((await findTemporalBinary({ origin })).source).toBe('cache')
  expect(asked).toHaveLength(2)
})

test.each([
  ['answers with an error', (_, response) => void response.writeHead(500).end()],
  ['sends something that is no archive', (_, response) => void response.end('sorry')],
  ['hangs up', (request) => void request.socket.destroy()],
] satisfies [string, RequestListener][])(
  'where the download %s and nothing can be built, one sentence says what to install',
  async (_, listener) => {
    const origin = await serve(listener)
    vi.stubEnv('GOPROXY', 'off')
    vi.stubEnv('GOMODCACHE', join(folder, 'modules'))
    await expect(findTemporalBinary({ origin })).rejects.toMatchObject({
      code: 'temporal-unreachable',
      message: expect.stringMatching(
        /the download failed .*the build failed .*Install the Temporal CLI/s,
      ),
    })
    expect(readdirSync(join(cached, '..'))).toEqual([])
  },
)
