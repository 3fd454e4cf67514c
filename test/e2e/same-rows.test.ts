import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'
import { startS3Server } from '../servers/versitygw.ts'
import { createProject, twoTasks } from './project.ts'
import type { Project } from './project.ts'
import { readRows, runToResult } from './retort-command.ts'

let embedded: Project
let remote: Project
let fake: FakeServer

beforeAll(async () => {
  embedded = createProject()
  remote = createProject()
  fake = await startFakeServer({})
})

afterAll(async () => {
  await fake.close()
  embedded.remove()
  remote.remove()
})

test('the embedded server with files and a server of its own with a bucket make identical rows', async () => {
  const { rows, spec } = twoTasks(230, `${fake.url}/v1`, 16)
  for (const project of [embedded, remote]) {
    project.write('prompts.jsonl', rows)
    project.write('pipeline.json', spec)
  }
  const here = await runToResult(embedded.folder, ['pipeline.json', '--run-id', 'here'], {
    FAKE_KEY: 'key',
  })
  expect(here).toMatchObject({ status: 'completed', dataset: { rows: 230 } })

  const gateway = await startS3Server()
  await gateway.createBucket('datasets')
  const server = await connectEmbeddedServer({ folder: `${remote.folder}/server` })
  const env = {
    FAKE_KEY: 'key',
    ...gateway.env,
    TEMPORAL_ADDRESS: server.address,
    RETORT_STORE: 's3://datasets/some/prefix',
  }
  try {
    const there = await runToResult(remote.folder, ['pipeline.json', '--run-id', 'there'], env)
    expect(there).toMatchObject({
      status: 'completed',
      dataset: { rows: 230, rejected: 0 },
      calls: 460,
    })
    expect(await readRows(remote.folder, 'there', env)).toEqual(
      await readRows(embedded.folder, 'here'),
    )
  } finally {
    server.close()
    await gateway.stop()
  }
})
