import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { afterEach, expect, test } from 'vitest'

import type { LLMTimeouts } from '../../../src/models/model-params.ts'
import { toMilliseconds } from '../../../src/models/model-params.ts'
import { createStreamClient } from '../../../src/models/http/stream-client.ts'
import type { StreamClient, StreamRequest } from '../../../src/models/http/stream-client.ts'
import { jsonBody } from '../../../src/models/http/stream-body.ts'
import { multipartBody } from '../../../src/models/http/stream-multipart.ts'
import { createRedact } from '../../../src/models/secrets.ts'
import { findFreePort } from '../../servers/free-port.ts'

const key = 'test-key-0123456789'
const open: (() => unknown)[] = []
const { signal } = new AbortController()

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((request, response) => void answer(request, response))
  return `http://127.0.0.1:${await listen(server)}`
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function create(timeouts: LLMTimeouts = {}, environment = {}): StreamClient {
  const client = createStreamClient({
    caller: { who: "JobLLM 'm'", keyVariable: 'TEST_KEY', redact: createRedact([key]) },
    environment,
    timeouts: toMilliseconds(timeouts),
    headers: { authorization: `Bearer ${key}` },
  })
  open.push(() => client.close())
  return client
}

async function failure(request: Omit<StreamRequest, 'signal'>, timeouts?: LLMTimeouts) {
  return create(timeouts)
    .send({ signal, ...request })
    .then(
      (reply) => reply.text(),
      (error: unknown) => error,
    )
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

async function* pieces(...all: readonly (string | Uint8Array)[]) {
  for (const piece of all) {
    await nextTurn()
    yield piece
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

test.for(['POST', 'PUT'] as const)(
  'a %s sends pieces in chunks, with the key, and reads JSON',
  async (method) => {
    const url = await serve(async (request, response) => {
      const { headers } = request
      response.end(JSON.stringify({ method: request.method, headers, body: await read(request) }))
    })
    const reply = await create().send({
      url,
      method,
      headers: { 'x-own': '1' },
      body: { contentType: 'application/jsonl', pieces: pieces('a\n', Buffer.from('é\n'), '') },
      signal,
    })
    expect(await reply.json('body')).toMatchObject({
      method,
      body: 'a\né\n',
      headers: {
        authorization: `Bearer ${key}`,
        'x-own': '1',
        'content-type': 'application/jsonl',
        'transfer-encoding': 'chunked',
      },
    })
  },
)

test('a body of known length is sent as such, and JSON always is', async () => {
  const url = await serve(async (request, response) => {
    const length = request.headers['content-length']
    response.end(JSON.stringify({ length, body: await read(request) }))
  })
  const client = create()
  const known = { contentType: 'text/plain', length: 4, pieces: pieces('ab', 'cd') }
  const reply = await client.send({ url, body: known, signal })
  expect(await reply.json('body')).toEqual({ length: '4', body: 'abcd' })
  const posted = await client.send({ url, body: jsonBody({ a: 'é' }), signal })
  expect(await posted.json('body')).toEqual({ length: '10', body: '{"a":"é"}' })
})

test('a form with a file of unknown length arrives as a form', async () => {
  const url = await serve(async (request, response) => {
    const form = await new Response(await read(request), {
      headers: { 'content-type': String(request.headers['content-type']) },
    }).formData()
    const file = form.get('file') as File
    response.end(JSON.stringify([form.get('purpose'), file.name, file.type, await file.text()]))
  })
  const file = { field: 'file', name: 'a"b.jsonl', contentType: 'application/jsonl' }
  const lines = ['{"a":1}\n', '{"b":"é"}\n']
  const client = create()
  const send = async (length?: number) => {
    const body = multipartBody(
      { purpose: 'batch' },
      { ...file, pieces: pieces(...lines), ...(length === undefined ? {} : { length }) },
    )
    return JSON.parse(await (await client.send({ url, body, signal })).text())
  }
  const sent = ['batch', 'a"b.jsonl', 'application/jsonl', lines.join('')]
  expect(await send()).toEqual(sent)
  expect(await send(Buffer.byteLength(lines.join('')))).toEqual(sent)
})

test('lines end in LF or CRLF, split nowhere else, and the last one may lack its end', async () => {
  const text = Buffer.from('{"é":1}\r\n\n\u2028日本\n\r\nlast')
  const url = await serve(async (_, response) => {
    for (const byte of text) {
      response.write(Uint8Array.of(byte))
      await nextTurn()
    }
    response.end()
  })
  const reply = await create().send({ url, signal })
  expect(await collect(reply.lines())).toEqual(['{"é":1}', '', '\u2028日本', '', 'last'])
})

test('a line of ten megabytes comes whole, and bytes as they are', async () => {
  const line = 'é'.repeat(5_000_000)
  const url = await serve((_, response) => response.end(`${line}\n${line}\n`))
  const client = create()
  const lines = await collect((await client.send({ url, signal })).lines())
  expect(lines.map((each) => each === line)).toEqual([true, true])
  const bytes = Buffer.concat(await collect((await client.send({ url, signal })).bytes()))
  expect(bytes.length).toBe(20_000_002)
})

test('a reply that is not read is not taken, and one that is left ends its connection', async () => {
  let written = 0
  let isEnded = false
  const url = await serve(async (_, response) => {
    response.once('close', () => (isEnded = true))
    const piece = 'x'.repeat(65_536)
    while (!response.destroyed) {
      written += piece.length
      if (!response.write(`${piece}\n`)) await once(response, 'drain').catch(() => undefined)
    }
  })
  const reply = await create().send({ url, signal })
  let before = -1
  // What stands in the buffers of both ends does not count.
  await expect.poll(() => before === (before = written), { interval: 100 }).toBe(true)
  expect(written).toBeLessThan(40_000_000)
  for await (const line of reply.lines()) {
    expect(line).toHaveLength(65_536)
    break
  }
  await expect.poll(() => isEnded).toBe(true)
})

test('fifty thousand lines of two kilobytes go out and come back in flat memory', async () => {
  const url = await serve((request, response) => request.pipe(response))
  const line = `${'x'.repeat(2_046)}\n`
  const count = 50_000
  const collectGarbage = exposeGarbageCollector()
  let leastHeld = Number.POSITIVE_INFINITY
  const client = create()
  async function* lines() {
    for (let index = 0; index < count; index++) yield line
  }
  const held = () => {
    collectGarbage()
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    return arrayBuffers + heapUsed
  }
  const before = held()
  const reply = await client.send({
    url,
    body: { contentType: 'application/jsonl', pieces: lines() },
    signal,
  })
  let got = 0
  for await (const each of reply.lines()) {
    if (each.length !== 2_046) throw new Error('A line was cut.')
    const isLate = ++got > count / 2
    if (isLate && got % 1_000 === 0) leastHeld = Math.min(leastHeld, held() - before)
  }
  expect(got).toBe(count)
  // Of the 51 MB and more that came before; what is garbage is not always gone when it is measured.
  expect(leastHeld).toBeLessThan(10_000_000)
})

function exposeGarbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

test.for([
  [429, { error: { message: `Slow down, ${key}` } }, 'rate-limited', 'retry'],
  [401, { error: { message: `Incorrect API key ${key}` } }, 'authentication', 'stop'],
  [413, { error: { message: 'Too large' } }, 'context-length', 'reject'],
  [502, '<html>Bad gateway</html>', 'provider-unavailable', 'retry'],
  [308, '', 'endpoint-wrong', 'stop'],
] as const)('a %i with %o becomes %s', async ([status, body, code, verdict]) => {
  const url = await serve(async (request, response) => {
    request.resume()
    response.writeHead(status, { 'retry-after': '2' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  const error = await failure({ url: `${url}/v1/files?secret=1`, body: jsonBody({}) })
  expect(error).toMatchObject({ code, verdict, data: { status } })
  expect(String(error)).toContain(`JobLLM 'm' got ${status} from ${url}/v1/files`)
  expect(String(error)).not.toContain(key)
  expect(String(error)).not.toContain('secret')
})

test('a refusal that comes before the body was sent is told', async () => {
  const url = await serve((_, response) => {
    response.writeHead(401).end(JSON.stringify({ error: { message: 'Who?' } }))
  })
  let isClosed = false
  async function* endless() {
    try {
      for (;;) {
        await nextTurn()
        yield 'x'.repeat(65_536)
      }
    } finally {
      isClosed = true
    }
  }
  const error = await failure({ url, body: { contentType: 'text/plain', pieces: endless() } })
  expect(error).toMatchObject({ code: 'authentication' })
  await expect.poll(() => isClosed).toBe(true)
})

test.for([
  ['cut-off JSON', '{"a"', 'provider-unavailable', `got '{"a"' in the place of JSON`],
  ['nothing', '', 'provider-unavailable', 'got nothing in the place of JSON'],
  ['a page', '<!doctype html><html>', 'endpoint-wrong', 'got a web page instead of an answer'],
  ['an error', '{"error":{"message":"Busy","code":503}}', 'provider-unavailable', ': Busy'],
] as const)('%s in the place of JSON becomes %s', async ([, body, code, said]) => {
  const url = await serve((_, response) => response.end(body))
  const reply = await create().send({ url, signal })
  const error = await reply.json('data').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, message: expect.stringContaining(said) })
})

test('what the body throws comes through as it is, and ends the connection', async () => {
  let isEnded = false
  const url = await serve((request) => {
    request.once('close', () => (isEnded = true)).resume()
  })
  const reason = new Error('The store is gone.')
  async function* broken() {
    yield 'x'.repeat(100_000)
    throw reason
  }
  const body = { contentType: 'text/plain', pieces: broken() }
  expect(await failure({ url, body })).toBe(reason)
  await expect.poll(() => isEnded).toBe(true)
})

test('a body that is shorter than it was said to be is no request', async () => {
  const url = await serve((request) => request.resume())
  const body = { contentType: 'text/plain', length: 10, pieces: pieces('short') }
  expect(await failure({ url, body })).toMatchObject({ code: 'connection-lost' })
})

test('a signal ends an upload, a wait and a download with its reason', async () => {
  const begun: ServerResponse[] = []
  const url = await serve((request, response) => {
    request.resume()
    if (request.url === '/down') response.write('a line\n')
    begun.push(response)
  })
  const client = create()
  const reason = new Error('cancelled')
  const start = () => {
    const controller = new AbortController()
    return { signal: controller.signal, stop: () => controller.abort(reason) }
  }
  async function* endless() {
    for (;;) {
      await nextTurn()
      yield 'x'
    }
  }
  for (const body of [{ contentType: 'text/plain', pieces: endless() }, undefined]) {
    const { signal, stop } = start()
    const sent = client.send({ url, signal, ...(body === undefined ? {} : { body }) })
    const count = begun.length
    await expect.poll(() => begun.length).toBe(count + 1)
    stop()
    await expect(sent).rejects.toBe(reason)
  }
  const { signal, stop } = start()
  const reply = await client.send({ url: `${url}/down`, signal })
  const lines = reply.lines()
  expect((await lines.next()).value).toBe('a line')
  stop()
  await expect(lines.next()).rejects.toBe(reason)
  await expect(client.send({ url, signal })).rejects.toBe(reason)
})

test('an aborted reply that nobody reads harms nobody', async () => {
  const url = await serve((_, response) => response.write('a line\n'))
  const controller = new AbortController()
  const reply = await create().send({ url, signal: controller.signal })
  const reason = new Error('cancelled')
  controller.abort(reason)
  await nextTurn()
  await expect(reply.text()).rejects.toBe(reason)
})

test.for([
  ['FIRST_BYTE_TIMEOUT', '', { firstByteSeconds: 0.05 }],
  ['SILENCE_TIMEOUT', 'a line\n', { silenceSeconds: 0.05 }],
] as const)('a call ends with %s after %o', async ([reason, sent, timeouts]) => {
  const url = await serve((request, response) => {
    request.resume()
    if (sent !== '') response.write(sent)
  })
  const body = { contentType: 'text/plain', pieces: pieces('x') }
  const client = create(timeouts)
  const error = await client.send({ url, body, signal }).then(
    (reply) => reply.text().catch((thrown: unknown) => thrown),
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'timeout', data: { reason } })
  expect(String(error)).toContain(`timeouts.${Object.keys(timeouts)[0]}`)
})

test('neither a slow source nor a slow reader is the silence of a provider', async () => {
  const url = await serve((request, response) => {
    request.resume().once('end', () => response.end('y\n'.repeat(500_000)))
  })
  const wait = () => new Promise((resolve) => setTimeout(resolve, 150))
  async function* slow() {
    for (let index = 0; index < 3; index++) {
      await wait()
      yield 'x'.repeat(200_000)
    }
  }
  const body = { contentType: 'text/plain', pieces: slow() }
  const timeouts = { connectSeconds: 0.1, silenceSeconds: 0.05, firstByteSeconds: 0.1 }
  const reply = await create({ ...timeouts, callSeconds: 0.1 }).send({ url, body, signal })
  let got = 0
  for await (const piece of reply.bytes()) {
    if (got === 0) await wait()
    got += piece.length
  }
  expect(got).toBe(1_000_000)
})

test('a connection that is refused, reset or cut off is lost', async () => {
  const body = () => ({ contentType: 'text/plain', pieces: pieces('x') })
  const refused = await failure({ url: `http://127.0.0.1:${await findFreePort()}`, body: body() })
  expect(refused).toMatchObject({ code: 'connection-lost', data: { reason: 'ECONNREFUSED' } })
  const reset = await serve((request) => request.socket.resetAndDestroy())
  expect(await failure({ url: reset, body: body() })).toMatchObject({ code: 'connection-lost' })
  const cut = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half\nof it', () => response.destroy())
  })
  const reply = await create().send({ url: cut, signal })
  const lines = reply.lines()
  expect((await lines.next()).value).toBe('half')
  await expect(lines.next()).rejects.toMatchObject({
    code: 'connection-lost',
    message: expect.stringContaining(`JobLLM 'm' lost the connection to ${cut}`),
  })
})

test('streams go through the proxy that the environment names', async () => {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('request', (request, response) => {
    asked.push(String(request.url))
    request.pipe(response)
  })
  const client = create({}, { http_proxy: `http://127.0.0.1:${await listen(proxy)}` })
  const body = { contentType: 'text/plain', pieces: pieces('through') }
  const reply = await client.send({ url: 'http://jobs.invalid/v1/files', body, signal })
  expect(await reply.text()).toBe('through')
  expect(asked).toEqual(['http://jobs.invalid/v1/files'])
})
