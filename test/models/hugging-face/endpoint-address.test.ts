import { afterEach, expect, test } from 'vitest'

import type { LLM } from '../../../src/core/llm-spec.ts'
import {
  inferenceEndpoints,
  inferenceEndpointsLLM,
} from '../../../src/models/hugging-face/inference-endpoints-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { endpointReply } from '../servers/hugging-face.ts'
import type { RouteReply, RouteServer } from '../servers/route-server.ts'
import { startRouteServer } from '../servers/route-server.ts'

const completion = {
  model: 'x',
  choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }],
}
const closing: { close?(): Promise<void> }[] = []

afterEach(async () => {
  for (const part of closing.splice(0)) await part.close?.()
})

/** An endpoint whose state is what a function says, and which answers, or as another function says. */
async function start(
  state: () => string | RouteReply,
  answer: () => RouteReply = () => ({ body: completion }),
): Promise<{ server: RouteServer; llm: LLM }> {
  const server = await startRouteServer(({ path }, url) => {
    if (path === '/v2/endpoint/me/mine/resume') return { status: 400, body: { error: 'Running' } }
    if (path !== '/v2/endpoint/me/mine') return answer()
    const told = state()
    return typeof told === 'string' ? endpointReply(told, `${url}/`) : told
  })
  const spec = inferenceEndpoints({
    endpointName: 'mine',
    endpointNamespace: 'me',
    endpointsURL: `${server.url}/v2`,
  })
  const llm = await inferenceEndpointsLLM.create(spec, { HF_TOKEN: 'hf_0123456789abcdefghij' })
  closing.push(llm, server)
  return { server, llm }
}

function pathsOf({ calls }: RouteServer): readonly string[] {
  return calls.map(({ method, path }) => `${method} ${path}`)
}

const look = 'GET /v2/endpoint/me/mine'
const wake = 'POST /v2/endpoint/me/mine/resume'
const chat = 'POST /v1/chat/completions'

test('an endpoint that runs is looked up once, with the key', async () => {
  const { server, llm } = await start(() => 'running')
  await Promise.all([llm.chat(request('One')), llm.chat(request('Two'))])
  await llm.chat(request('Three'))
  expect(pathsOf(server)).toEqual([look, chat, chat, chat])
  expect(server.calls.map(({ headers }) => headers['authorization'])).toEqual(
    Array.from({ length: 4 }, () => 'Bearer hf_0123456789abcdefghij'),
  )
})

test.for(['paused', 'scaledToZero'])(
  'an endpoint that is %s is woken and waited for',
  async (state) => {
    let now = state
    const { server, llm } = await start(() => now)
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'provider-unavailable',
      verdict: 'retry',
      retryAfterMs: 10_000,
      data: { state },
    })
    expect(String(error)).toBe(
      `RetortError: InferenceEndpointsLLM 'me/mine' was asleep (${state}) and is started, which takes minutes; it is looked for again in 10 s at ${server.url}/v2/endpoint/me/mine.`,
    )
    now = 'initializing'
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
      code: 'provider-unavailable',
      message: expect.stringContaining('is not there yet (initializing)'),
    })
    now = 'running'
    expect(await llm.chat(request('Hello'))).toMatchObject({ choices: [{ text: 'Hi' }] })
    expect(pathsOf(server)).toEqual([look, wake, look, look, chat])
  },
)

test('an endpoint that is being updated still answers', async () => {
  const { server, llm } = await start(() => 'updating')
  await llm.chat(request('Hello'))
  expect(pathsOf(server)).toEqual([look, chat])
})

test.for(['failed', 'updateFailed'])('an endpoint that %s stops the run', async (state) => {
  const { llm } = await start(() => state)
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
    code: 'endpoint-wrong',
    verdict: 'stop',
    message: `InferenceEndpointsLLM 'me/mine' cannot be asked: the endpoint 'me/mine' is in the state '${state}', so look at its log and mend it.`,
  })
})

test('an endpoint that does not exist stops the run', async () => {
  const { llm } = await start(() => ({ status: 404, body: { error: 'Endpoint not found' } }))
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
    code: 'endpoint-wrong',
    message: expect.stringMatching(
      /Endpoint not found; check endpointName and endpointNamespace\.$/,
    ),
  })
})

test('an endpoint that is paused in the middle of a run is woken', async () => {
  let now = 'running'
  const answers: RouteReply[] = [
    { body: completion },
    { status: 400, body: { error: 'Bad Request: Invalid state: endpoint is paused' } },
    { body: completion },
  ]
  const { server, llm } = await start(
    () => now,
    () => answers.shift() ?? { status: 500, body: {} },
  )
  await llm.chat(request('One'))
  now = 'paused'
  await expect(llm.chat(request('Two'))).rejects.toMatchObject({
    code: 'provider-unavailable',
    retryAfterMs: 10_000,
  })
  await expect(llm.chat(request('Two'))).rejects.toMatchObject({ data: { state: 'paused' } })
  now = 'running'
  await llm.chat(request('Two'))
  expect(pathsOf(server)).toEqual([look, chat, chat, look, wake, look, chat])
})

test('an endpoint that fails is looked up again, since it may be elsewhere', async () => {
  const answers: RouteReply[] = [{ status: 503, body: 'Gone' }, { body: completion }]
  const { server, llm } = await start(
    () => 'running',
    () => answers.shift() ?? { status: 500, body: {} },
  )
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'provider-unavailable' })
  await llm.chat(request('Hello'))
  expect(pathsOf(server)).toEqual([look, chat, look, chat])
})

test('a signal ends the waiting of one call for an endpoint, and of no other', async () => {
  const { llm } = await start(() => 'running')
  const reason = new Error('cancelled')
  const controller = new AbortController()
  const one = llm.chat(request('One'), { signal: controller.signal })
  const two = llm.chat(request('Two'))
  controller.abort(reason)
  await expect(one).rejects.toBe(reason)
  expect(await two).toMatchObject({ choices: [{ text: 'Hi' }] })
})
