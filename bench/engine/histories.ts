import { join } from 'node:path'

import { Client, Connection } from '@temporalio/client'

import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'

/** The histories of a run and its lanes, as the folder's embedded server has them. */
export async function readHistories(
  folder: string,
  run: string,
): Promise<{ longest: number; total: number }> {
  return await withClient(folder, async (client) => {
    let longest = 0
    let total = 0
    for await (const { workflowId, historyLength } of client.workflow.list()) {
      if (workflowId !== run && !workflowId.startsWith(`${run}:`)) continue
      longest = Math.max(longest, historyLength)
      total += historyLength
    }
    return { longest, total }
  })
}

/** For each step, the seconds from the first of some activities of a run being scheduled to the last one's end. */
export async function readActivitySeconds(
  folder: string,
  run: string,
  names: readonly string[],
): Promise<ReadonlyMap<number, number>> {
  return await withClient(folder, async (client) => {
    const { events } = await client.workflow.getHandle(run).fetchHistory()
    const stepOf = new Map<string, number>()
    const spans = new Map<number, { from: number; to: number }>()
    for (const event of events ?? []) {
      const at = secondsOf(event.eventTime)
      const scheduled = event.activityTaskScheduledEventAttributes
      if (names.includes(scheduled?.activityType?.name ?? '')) {
        const bytes = scheduled?.input?.payloads?.[0]?.data ?? new Uint8Array()
        const { step } = JSON.parse(new TextDecoder().decode(bytes)) as { step: number }
        stepOf.set(String(event.eventId), step)
        if (!spans.has(step)) spans.set(step, { from: at, to: at })
      }
      const completed = event.activityTaskCompletedEventAttributes
      const span = spans.get(stepOf.get(String(completed?.scheduledEventId)) ?? -1)
      if (span !== undefined) span.to = at
    }
    return new Map([...spans].map(([step, { from, to }]) => [step, to - from]))
  })
}

function secondsOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e9
}

async function withClient<T>(folder: string, use: (client: Client) => Promise<T>): Promise<T> {
  const server = await connectEmbeddedServer({ folder: join(folder, '.retort') })
  const connection = await Connection.connect({ address: server.address })
  try {
    return await use(new Client({ connection }))
  } finally {
    await connection.close()
    server.close()
  }
}
