import type { Row } from '../../src/core/columns.ts'
import { isRetortError, RetortError } from '../../src/core/errors.ts'
import { getRowBlock } from '../../src/storage/sources/row-block.ts'
import { toStagedRow } from '../../src/storage/staged-row-line.ts'
import { requireParts } from './finish-set.ts'
import type { GlobalServices } from './global-work.ts'
import type { LiveGlobal } from './run-rows.ts'

/** Lets a global step do something with all rows that it leaves, before anything behind it begins. */
export async function deliverRows(
  services: GlobalServices,
  key: string,
  index: number,
  { definition, context }: LiveGlobal,
  parts: number,
): Promise<void> {
  const { plan } = services.rows
  // What is only looked at is not published.
  if (plan.isPreview === true) return
  const { columns = {} } = plan.steps[index] ?? {}
  const delivery = { rows: readParts(services, key, parts), columns, hub: services.hub }
  await definition.deliver?.(delivery, context).catch((error: unknown) => {
    // What would have been wrong with a pipeline, or a place, has turned out in the middle of a run.
    if (!isRetortError(error) || error.verdict !== 'invalid') throw error
    throw new RetortError(
      'delivery-failed',
      `Step '${context.stepName}' (${definition.type}) cannot deliver its rows: ${error.message}`,
      { cause: error },
    )
  })
}

async function* readParts(
  { store, signal }: GlobalServices,
  key: string,
  parts: number,
): AsyncIterable<Row> {
  for (const { blocks } of await requireParts(store, key, parts))
    for (const block of blocks) {
      signal.throwIfAborted()
      for (const line of await getRowBlock(store, block.key)) {
        const row = toStagedRow(JSON.parse(line))
        if (row !== undefined) yield row.row
      }
    }
}
