import { afterEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject, twoTasks } from './project.ts'
import type { Project } from './project.ts'
import { startRetort } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

let project: Project
let fake: FakeServer

afterEach(async () => {
  await fake.close()
  project.remove()
})

const env = { FAKE_KEY: 'key' }

/** Two pipelines on one key and model, told ten calls at once. */
function prepare(rowCount: number) {
  project = createProject()
  const { rows, spec } = twoTasks(rowCount, `${fake.url}/v1`, 10)
  project.write('prompts.jsonl', rows)
  for (const name of ['one', 'other'])
    project.write(
      `${name}.json`,
      JSON.stringify({ ...(JSON.parse(spec) as Record<string, unknown>), name }),
    )
}

const start = (name: string) =>
  startRetort(project.folder, ['run', `${name}.json`, '--run-id', name, '--json'], env)

test('two commands on one key keep its limit together, and both complete', async () => {
  fake = await startFakeServer({ latencyMs: 100 })
  prepare(100)
  const ended = await Promise.all(['one', 'other'].map((name) => start(name).ended))
  expect(ended.map(({ code }) => code)).toEqual([0, 0])
  for (const { stdout } of ended)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', dataset: { rows: 100 } })
  expect(fake.stats()).toMatchObject({ answered: 400, peakInFlight: 10 })
})

test('a command that is killed leaves its share to the other', async () => {
  fake = await startFakeServer({ latencyMs: 100 })
  prepare(150)
  const killed = start('one')
  await waitUntil(() => fake.stats().answered > 20, 'some answers')
  const other = start('other')
  // Both ask the same, so that what is answered again is the other's.
  await waitUntil(() => fake.stats().duplicates > 0, 'answers of the other')
  killed.child.kill('SIGKILL')
  await killed.ended
  const { code, stdout } = await other.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', dataset: { rows: 150 } })
  expect(fake.stats().peakInFlight).toBe(10)
})
