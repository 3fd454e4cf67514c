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
  expect(server.stats()).toMatchObject({ requests: 3, answered: 3, distinct: 2, duplicates: 1 })
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
  await fetch(`${url}/__reset`, { method: 'POST' })
  expect(await (await fetch(`${url}/__stats`)).json()).toMatchObject({ requests: 0 })
  child.kill()
  expect((await once(child, 'exit'))[0]).toBe(0)
})
