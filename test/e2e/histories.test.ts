import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, runToResult } from './retort-command.ts'

let project: Project

beforeAll(() => {
  project = createProject()
})
afterAll(() => project.remove())

const suggestedEvents = 4_096

test(
  'a shard of batches of one row goes on in lanes that continue as new, none with a long history',
  { timeout: 120_000 },
  async () => {
    const rowCount = 2_700
    const lines = Array.from({ length: rowCount }, (_, id) => JSON.stringify({ id }))
    project.write('ids.jsonl', `${lines.join('\n')}\n`)
    project.write(
      'pipeline.json',
      JSON.stringify({
        version: 1,
        name: 'singles',
        steps: [
          { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'ids.jsonl' } },
          {
            name: 'keep',
            type: 'KeepColumns',
            after: ['load'],
            params: { columns: ['id'], inputBatchSize: 1 },
          },
        ],
      }),
    )
    const server = await connectEmbeddedServer({ folder: `${project.folder}/.retort` })
    const connection = await Connection.connect({ address: server.address })
    try {
      const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'singles'])
      expect(result).toMatchObject({ status: 'completed', dataset: { rows: rowCount } })
      const ids = (await readRows(project.folder, 'singles')).map(
        (line) => (JSON.parse(line) as { id: number }).id,
      )
      expect(ids).toEqual(Array.from({ length: rowCount }, (_, index) => index))
      const client = new Client({ connection, namespace: server.namespace })
      const statuses: string[] = []
      for await (const { type, status, historyLength } of client.workflow.list()) {
        expect(historyLength).toBeLessThan(suggestedEvents)
        if (type === 'runLane') statuses.push(status.name)
      }
      expect(statuses).toContain('CONTINUED_AS_NEW')
    } finally {
      await connection.close()
      server.close()
    }
  },
)
