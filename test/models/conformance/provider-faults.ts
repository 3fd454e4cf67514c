import { type ServerResponse, createServer as createHTTPServer } from 'node:http'
import { type Server, type Socket, createServer } from 'node:net'

import { expect, test } from 'vitest'

import type { FakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import type { LLMTimeouts } from '../../../src/models/model-params.ts'
import { request } from './llm-conformance.ts'

/** Makes a model; by default of the fake provider, with a minute for a call. */
export type CreateLLM = (baseURL?: string, timeouts?: LLMTimeouts) => Promise<LLM>

/**
 * What every model behind HTTP must do where its provider is slow, silent, gone or cut off.
 *
 * @param answer - a whole answer of the provider
 */
export function testFaults(
  create: CreateLLM,
  server: () => FakeServer,
  answer: object = completion,
): void {
  test.for([
    ['FIRST_BYTE_TIMEOUT', { hangShare: 1 }, { firstByteSeconds: 0.05 }],
    ['SILENCE_TIMEOUT', { stallShare: 1 }, { silenceSeconds: 0.05 }],
    ['CALL_TIMEOUT', { hangShare: 1 }, { callSeconds: 0.05 }],
    ['CALL_TIMEOUT', { stallShare: 1 }, { callSeconds: 0.05 }],
  ] as const)('a call ends with %s where %o meets %o', async ([reason, options, timeouts]) => {
    server().set(options)
    const llm = await create(undefined, timeouts)
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'timeout', verdict: 'retry', data: { reason } })
    expect(String(error)).toContain(`timeouts.${Object.keys(timeouts)[0]}`)
    await expect.poll(() => server().stats().inFlight).toBe(0)
  })

  test('a short limit for silence cuts no model short that thinks', async () => {
    server().set({ latencyMs: 200 })
    const llm = await create(undefined, { silenceSeconds: 0.05 })
    expect(await llm.chat(request('Hello'))).toMatchObject({ choices: [{ finishReason: 'stop' }] })
  })

  test('a connection that is never made ready is lost in its time', async () => {
    const silent = createServer(() => {})
    const llm = await create(`https://127.0.0.1:${await listen(silent)}/v1`, {
      connectSeconds: 0.05,
    })
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
      code: 'connection-lost',
      data: { reason: 'CONNECT_TIMEOUT' },
    })
    silent.close()
  })

  test('a hung call takes its own connection along and no other', async () => {
    const sockets: Socket[] = []
    const waiting: ServerResponse[] = []
    const provider = createHTTPServer(({ socket }, response) => {
      sockets.push(socket)
      if (sockets.length === 1) return
      // It has begun, so that its first byte is no longer waited for.
      response.setHeader('content-type', 'application/json').write(' ')
      waiting.push(response)
    })
    const llm = await create(`http://127.0.0.1:${await listen(provider)}/v1`, {
      firstByteSeconds: 0.3,
    })
    const hung = expect(llm.chat(request('Hangs'))).rejects.toMatchObject({ code: 'timeout' })
    await expect.poll(() => sockets.length).toBe(1)
    const other = llm.chat(request('Waits'))
    await hung
    await expect.poll(() => sockets[0]?.destroyed).toBe(true)
    const again = llm.chat(request('Hangs'))
    await expect.poll(() => waiting.length).toBe(2)
    for (const response of waiting) response.end(JSON.stringify(answer))
    await expect(Promise.all([other, again])).resolves.toHaveLength(2)
    expect(new Set(sockets).size).toBe(3)
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, false, false])
    provider.closeAllConnections()
    provider.close()
  })

  test('a signal ends a call that hangs, with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    server().set({ hangShare: 1, respond: () => void setImmediate(() => controller.abort(reason)) })
    const llm = await create()
    await expect(llm.chat(request('Hello'), { signal: controller.signal })).rejects.toBe(reason)
  })

  test('a connection that is reset is lost', async () => {
    server().set({ resetShare: 1 })
    const llm = await create()
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'connection-lost' })
  })

  test('an endpoint that refuses connections is lost, with its address and the reason', async () => {
    const llm = await create(`http://127.0.0.1:${await freePort()}/v1`)
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'connection-lost', data: { reason: 'ECONNREFUSED' } })
    expect(String(error)).toContain('nothing listens there')
  })

  test('a host that does not exist is lost', async () => {
    const llm = await create('http://nowhere.invalid/v1')
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
      code: 'connection-lost',
      data: { reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
    })
  })

  test('a reply whose connection ends in the middle is lost', async () => {
    server().set({ truncatedShare: 1 })
    const llm = await create()
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'connection-lost', verdict: 'retry' })
    server().set({ truncatedShare: 0 })
    await expect(llm.chat(request('Hello'))).resolves.toBeDefined()
    expect(server().stats()).toMatchObject({ duplicates: 0 })
  })

  test('an answer that is not UTF-8 everywhere comes with what can be read of it', async () => {
    const bytes = Buffer.from(JSON.stringify(answer).replace(/Hi|Problem/, '$&\u00e9'), 'latin1')
    const provider = createHTTPServer((_, response) => {
      response.setHeader('content-type', 'application/json').end(bytes)
    })
    const llm = await create(`http://127.0.0.1:${await listen(provider)}/v1`)
    const text = expect.stringMatching(/(Hi|Problem)\ufffd/)
    expect(await llm.chat(request('Hello'))).toMatchObject({ choices: [{ text }] })
    provider.closeAllConnections()
    provider.close()
  })

  const half = JSON.stringify(answer).slice(0, 40)
  test.for([
    ['shorter than it said', `content-length: 99\r\n\r\n${half}`],
    ['shorter than it said, and the last', `connection: close\r\ncontent-length: 99\r\n\r\n{`],
    ['in chunks without the last', `transfer-encoding: chunked\r\n\r\n28\r\n${half}\r\n`],
    [
      'in chunks without the last, and the last',
      `connection: close\r\ntransfer-encoding: chunked\r\n\r\n28\r\n${half}\r\n`,
    ],
    ['in a broken chunk', `transfer-encoding: chunked\r\n\r\nxyz\r\n${half}\r\n`],
    ['as long as the connection', `connection: close\r\n\r\n${half}`],
    ['without a body', `content-length: 99\r\n\r\n`],
  ] as const)('a reply that is cut off, %s, is asked for again', async ([, rest]) => {
    const halfway = createServer((socket) => {
      socket.once('data', () => {
        socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${rest}`)
      })
    })
    const llm = await create(`http://127.0.0.1:${await listen(halfway)}/v1`)
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(connection-lost|provider-unavailable)$/),
      verdict: 'retry',
    })
    halfway.close()
  })
}

const completion = {
  model: 'small',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('No port.'))
      else resolve(address.port)
    })
  })
}
