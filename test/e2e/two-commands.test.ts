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

test('a command that watches a run goes on with it when the one that serves it is killed', async () => {
  fake = await startFakeServer({ latencyMs: 40 })
  project = createProject()
  const { rows, spec } = twoTasks(300, `${fake.url}/v1`, 10)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
  const run = () =>
    startRetort(project.folder, ['run', 'pipeline.json', '--run-id', 'shared', '--json'], {
      FAKE_KEY: 'key',
    })
  const serving = run()
  await waitUntil(() => fake.stats().answered > 20, 'some answers')
  const watching = run()
  await waitUntil(() => watching.output().stderr.includes('watches it'), 'the watching command')
  serving.child.kill('SIGKILL')
  await serving.ended

  const { code, stdout, stderr } = await watching.ended
  expect(stderr).toContain("Nobody serves run 'shared' any more")
  expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', dataset: { rows: 300 } })
  expect(code).toBe(0)
})

test('two commands that start one run at once make one dataset, and no call twice', async () => {
  fake = await startFakeServer({ latencyMs: 20 })
  project = createProject()
  const { rows, spec } = twoTasks(100, `${fake.url}/v1`, 10)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
  const ended = await Promise.all(
    [1, 2].map(
      () =>
        startRetort(project.folder, ['run', 'pipeline.json', '--run-id', 'both', '--json'], {
          FAKE_KEY: 'key',
        }).ended,
    ),
  )
  expect(ended.map(({ code }) => code)).toEqual([0, 0])
  const [one, other] = ended.map(({ stdout }) => JSON.parse(stdout) as { dataset: unknown })
  expect(one?.dataset).toEqual(other?.dataset)
  expect(fake.stats()).toMatchObject({ answered: 200, duplicates: 0 })
})
