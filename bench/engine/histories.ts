import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Client, Connection } from '@temporalio/client'

/** The histories of a run and its lanes, as the folder's embedded server has them. */
export async function readHistories(
  folder: string,
  run: string,
): Promise<{ longest: number; total: number }> {
  const file = JSON.parse(readFileSync(join(folder, '.retort', 'server.json'), 'utf8')) as {
    address?: string
    port?: number
  }
  const connection = await Connection.connect({ address: file.address ?? `127.0.0.1:${file.port}` })
  try {
    const client = new Client({ connection })
    let longest = 0
    let total = 0
    for await (const { workflowId, historyLength } of client.workflow.list()) {
      if (workflowId !== run && !workflowId.startsWith(`${run}:`)) continue
      longest = Math.max(longest, historyLength)
      total += historyLength
    }
    return { longest, total }
  } finally {
    await connection.close()
  }
}
