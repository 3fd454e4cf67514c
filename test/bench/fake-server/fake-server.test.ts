import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

import type { FakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { startFakeServer } from '../../../bench/fake-server/fake-server.ts'

async function start(options: Partial<FakeOptions> = {}) {
  const server = await startFakeServer(options)
  onTestFinished(() => server.close())
  return server
}

async function ask(url: string, prompt: string) {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer my-key' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }] }),
  })
  return { status: reply.status, headers: reply.headers, body: JSON.parse(await reply.text()) }
}

function askAll(url: string, count: number) {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(url, `Question ${index}`)))
}

test('the fake provider answers the same prompt with the same text, and counts what it answers twice', async () => {
  const server = await start()
  const [one, again, other] = [
    await ask(server.url, 'One'),
    await ask(server.url, 'One'),
    await ask(server.url, 'Other'),
  ]
  const text = one.body.choices[0].message.content
  expect(text).toMatch(/\[Problem Description\][\s\S]+\[Solution\]/)
  expect(again.body.choices[0].message.content).toBe(text)
  expect(other.body.choices[0].message.content).not.toBe(text)
  expect(server.stats()).toMatchObject({
    requests: 3,
    answered: 3,
    distinct: 2,
    duplicates: 1,
    tokens: { input: 4, output: 3 * Math.ceil(text.length / 4) },
  })
})

test('the fake provider counts how many calls were in flight at once', async () => {
  const server = await start({ latencyMs: 50 })
  await askAll(server.url, 20)
  expect(server.stats()).toMatchObject({ peakInFlight: 20 })
})

test('the fake provider fails as often as told, the same way with the same seed', async () => {
  const options = { errorShare: 0.3, rateLimitShare: 0.2, cutOffShare: 0.1, seed: 7 }
  const counts: unknown[] = []
  for (const server of [await start(options), await start(options)]) {
    const replies = await askAll(server.url, 400)
    const cutOff = replies.filter((reply) => reply.body.choices?.[0].finish_reason === 'length')
    const limited = replies.find((reply) => reply.status === 429)
    expect(limited?.headers.get('retry-after')).toBe('1')
    counts.push({ ...server.stats().statuses, cutOff: cutOff.length })
  }
  expect(counts[0]).toEqual(counts[1])
  const { 500: errors, 429: limited, cutOff } = counts[0] as Record<string, number>
  expect(errors).toBeGreaterThan(90)
  expect(errors).toBeLessThan(150)
  expect(limited).toBeGreaterThan(50)
  expect(limited).toBeLessThan(110)
  expect(cutOff).toBeGreaterThan(15)
})

test('the fake provider resets connections', async () => {
  const server = await start({ resetShare: 1 })
  await expect(ask(server.url, 'One')).rejects.toThrow('fetch failed')
  expect(server.stats().statuses).toEqual({ reset: 1 })
})

test('the fake provider keeps a limit of requests a minute', async () => {
  const server = await start({ requestsPerMinute: 600 })
  await askAll(server.url, 40)
  const { statuses } = server.stats()
  expect(statuses['200']).toBeGreaterThanOrEqual(10)
  expect(statuses['200']).toBeLessThan(30)
  expect((statuses['200'] ?? 0) + (statuses['429'] ?? 0)).toBe(40)
})

test('a fake provider that is down ends what is open and what comes, until it is back', async () => {
  const server = await start({ latencyMs: 60_000 })
  const open = ask(server.url, 'Early')
  await expect.poll(() => server.stats().inFlight).toBe(1)
  server.set({ isDown: true, latencyMs: 0 })
  await expect(open).rejects.toThrow('fetch failed')
  await expect(ask(server.url, 'Late')).rejects.toThrow('fetch failed')
  expect(server.stats()).toMatchObject({
    requests: 2,
    answered: 0,
    requestsWhileDown: 1,
    statuses: { down: 2 },
  })
  server.set({ isDown: false })
  expect((await ask(server.url, 'Later')).status).toBe(200)
})

test('a fake account is empty after so many answers, until it is filled again', async () => {
  const server = await start({ quotaAnswers: 3 })
  const replies = await askAll(server.url, 5)
  const refused = replies.filter(({ status }) => status === 429)
  expect(refused.map(({ body }) => body.error.code)).toEqual(Array(2).fill('insufficient_quota'))
  expect(server.stats().answered).toBe(3)
  server.set({ quotaAnswers: null })
  expect((await ask(server.url, 'One')).status).toBe(200)
})

test("the fake provider tells its limit in OpenAI's headers", async () => {
  const server = await start({ requestsPerMinute: 60, rateLimitHeaders: true })
  const told = async (prompt: string) => {
    const { status, headers } = await ask(server.url, prompt)
    const value = (name: string) => headers.get(`x-ratelimit-${name}-requests`)
    return [status, value('limit'), value('remaining'), value('reset')]
  }
  expect(await told('One')).toEqual([200, '60', '59', '1s'])
  expect(await told('Two')).toEqual([429, '60', '59', '1s'])
  server.set({ rateLimitHeaders: false })
  expect(await told('Three')).toEqual([expect.any(Number), null, null, null])
})

test('the fake provider ends connections, or falls silent, in the middle of a reply', async () => {
  const server = await start({ truncatedShare: 1 })
  await expect(ask(server.url, 'One')).rejects.toThrow('terminated')
  server.set({ truncatedShare: 0, stallShare: 1 })
  const reply = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body: '{}' })
  const half = await reply.body?.getReader().read()
  expect(half?.value?.length).toBeLessThan(Number(reply.headers.get('content-length')))
  expect(server.stats()).toMatchObject({
    answered: 0,
    inFlight: 1,
    statuses: { truncated: 1, stall: 1 },
  })
})

test('the fake provider answers with JSON, which it cuts off and may call whole', async () => {
  const server = await start({ answerJson: true })
  const choice = async () => (await ask(server.url, 'One')).body.choices[0]
  const whole = await choice()
  expect(JSON.parse(whole.message.content)).toEqual({
    answer: expect.stringMatching(/^Text [0-9a-f]{40}$/),
    score: expect.toSatisfy((score: unknown) => [1, 2, 3, 4, 5].includes(Number(score))),
  })
  server.set({ cutOffShare: 1, cutOffFinishReason: 'stop' })
  const cutOff = await choice()
  expect(cutOff.finish_reason).toBe('stop')
  expect(() => JSON.parse(cutOff.message.content)).toThrow(SyntaxError)
  server.set({ cutOffFinishReason: 'length' })
  expect((await choice()).finish_reason).toBe('length')
})

test('the fake provider repeats keys in its errors where it is told to', async () => {
  const server = await start({ errorShare: 1 })
  const message = async () => (await ask(server.url, 'One')).body.error.message
  expect(await message()).toBe('It broke.')
  server.set({ echoKeyInErrors: true })
  expect(await message()).toBe("It broke. You sent 'Bearer my-key'.")
})

test('the fake provider names what it answered more than once', async () => {
  const server = await start()
  for (const prompt of ['One', 'One', 'One', 'Two']) await ask(server.url, prompt)
  const repeated = Object.entries(server.stats().repeated)
  expect(repeated).toEqual([[expect.stringMatching(/^[0-9a-f]{40}$/), 3]])
})

test('a fake provider in a process of its own is read and changed over HTTP', async () => {
  const main = fileURLToPath(new URL('../../../bench/fake-server/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--latency-ms', '1', '--models', '["m"]'])
  onTestFinished(() => void child.kill())
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  expect((await ask(url, 'One')).status).toBe(200)
  await fetch(`${url}/__set`, { method: 'POST', body: '{"models":["other"]}' })
  expect((await ask(url, 'One')).status).toBe(404)
  const stats = await (await fetch(`${url}/__stats`)).json()
  expect(stats).toMatchObject({ requests: 2, answered: 1 })
  const unknown = await fetch(`${url}/__set`, { method: 'POST', body: '{"latency":1}' })
  expect([unknown.status, await unknown.text()]).toEqual([
    400,
    expect.stringContaining("no option 'latency'"),
  ])
  await fetch(`${url}/__reset`, { method: 'POST' })
  expect(await (await fetch(`${url}/__stats`)).json()).toMatchObject({ requests: 0 })
  child.kill()
  expect((await once(child, 'exit'))[0]).toBe(0)
})

test('the fake provider answers the first prompt of a conversation where it is told to', async () => {
  const server = await start({ answersFirstPrompt: true })
  const once = await ask(server.url, 'One')
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      messages: [
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Half' },
        { role: 'user', content: 'Again.' },
      ],
    }),
  })
  const again = (await reply.json()) as typeof once.body
  expect(again.choices[0].message.content).toBe(once.body.choices[0].message.content)
})
