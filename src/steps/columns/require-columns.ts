import { LRUCache } from 'lru-cache'
import { z } from 'zod'

import type { Row } from '../../core/columns.ts'

const schemas = new LRUCache<string, z.ZodType<Row>>({ max: 100 })

/** Schema of rows that have these columns, whatever is in them. */
export function requireColumns(columns: readonly string[]): z.ZodType<Row> {
  const id = JSON.stringify(columns)
  const known = schemas.get(id)
  if (known !== undefined) return known
  const there = z.unknown().refine((value) => value !== undefined, 'it is not there')
  const schema = z.looseObject(Object.fromEntries(columns.map((column) => [column, there])))
  schemas.set(id, schema)
  return schema
}
