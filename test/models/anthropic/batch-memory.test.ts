import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { type FakeAnthropic, startFakeAnthropic } from './fake-anthropic.ts'

let fake: FakeAnthropic

beforeAll(async () => {
  fake = await startFakeAnthropic(0)
})
afterAll(() => fake.close())

/** Hands in a batch and reads it, in a process of its own that tells how much it grew meanwhile. */
const script = `
  const [url, definition] = process.argv.slice(1)
  const { anthropicLLM } = await import(definition)
  const spec = { type: 'AnthropicLLM', params: { model: 'claude-opus-5', baseURL: url, apiKeyEnv: null } }
  const llm = await anthropicLLM.create(spec, {})
  const { jobs } = llm
  const { signal } = new AbortController()
  const padding = 'x'.repeat(2_000)
  let peak = 0
  const look = () => { peak = Math.max(peak, process.memoryUsage.rss()) }
  async function run(count) {
    async function* lines() {
      for (let index = 0; index < count; index++) {
        if (index % 1_000 === 0) look()
        const messages = [{ role: 'user', content: index + padding }]
        yield jobs.toLine({ id: 'row-' + index, request: { messages, parameters: {}, sampleIndex: 0 } })
      }
    }
    const id = await jobs.submit({ id: 'i', requests: count, submittedAt: Date.now() }, lines(), signal)
    while ((await jobs.status(id, signal)).state !== 'ended');
    let answers = 0
    for await (const result of jobs.results(id, signal)) {
      if (answers++ % 1_000 === 0) look()
      if (result.answer === undefined) throw result.error
    }
    look()
    return answers
  }
  await run(5_000)
  const before = process.memoryUsage.rss()
  peak = 0
  const answers = await run(50_000)
  await llm.close()
  console.log(JSON.stringify({ answers, grewBytes: peak - before }))
`

test('a batch of 50,000 lines and 100 MB goes through without being held', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-semi-space-size=4',
    '--input-type=module',
    '--eval',
    script,
    fake.url,
    new URL('../../../src/models/anthropic/anthropic-llm.ts', import.meta.url).href,
  ])
  const { answers, grewBytes } = JSON.parse(stdout) as { answers: number; grewBytes: number }
  expect(answers).toBe(50_000)
  expect(grewBytes).toBeLessThan(50_000_000)
})
