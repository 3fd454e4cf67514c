import type { ErrorCode } from '../../core/errors.ts'
import type { RejectedRow } from '../../core/staged-row.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { writeParquetPart } from '../parquet/write-parquet-part.ts'
import type { DatasetPart } from '../parquet/write-parquet-part.ts'
import type { Store } from '../store.ts'

/** A rejected row as a dataset keeps it. */
export type RejectedRecord = {
  readonly step: string
  readonly origin: string
  readonly code: ErrorCode
  readonly reason: string
  readonly raw_answer: string | null
  readonly row: Readonly<Record<string, unknown>>
  /** What seeds and retry numbers go by; only where it is asked for, and not in datasets of earlier releases. */
  readonly identity?: string
}

/** The columns of parts with rejected rows. */
export const rejectedColumns: ColumnSchemas = {
  step: { type: 'string' },
  origin: { type: 'string' },
  code: { type: 'string' },
  reason: { type: 'string' },
  raw_answer: { type: ['string', 'null'] },
  row: {},
}

/** The same with what nobody reads but who asks for rows anew. */
export const identifiedColumns: ColumnSchemas = { ...rejectedColumns, identity: { type: 'string' } }

/** Stores rejected rows as one Parquet part. */
export async function writeRejectedPart(options: {
  readonly rows: AsyncIterable<RejectedRow>
  readonly store: Store
  readonly prefix: string
  readonly index: number
}): Promise<DatasetPart> {
  const { rows, ...place } = options
  return writeParquetPart({ rows: toRecords(rows), columns: identifiedColumns, ...place })
}

async function* toRecords(rows: AsyncIterable<RejectedRow>): AsyncIterable<RejectedRecord> {
  for await (const { step, origin, code, reason, raw, row, identity } of rows)
    yield { step, origin, code, reason, raw_answer: raw, row, identity }
}
