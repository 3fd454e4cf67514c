import { join } from 'node:path'

import { Client, Connection } from '@temporalio/client'

import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'

/** The histories of a run and its lanes, as the folder's embedded server has them. */
export async function readHistories(
  folder: string,
  run: string,
): Promise<{ longest: number; total: number }> {
  const server = await connectEmbeddedServer({ folder: join(folder, '.retort') })
  const connection = await Connection.connect({ address: server.address })
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
    server.close()
  }
}
