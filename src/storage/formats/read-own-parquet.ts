import type { Row } from '../../core/columns.ts'
import { isRetortError } from '../../core/errors.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { readParquetFile } from '../parquet/read-parquet-file.ts'
import { withLocalPlace } from './local-copy.ts'
import { malformed } from './malformed.ts'
import type { LocalPlace, SourceFile } from './source-file.ts'

const rowsAtOnce = 1_000

/** Rows of a part of a dataset of ours: text that holds JSON becomes its value, names are those that were written. */
export async function* readOwnParquet(
  file: SourceFile,
  columns: ColumnSchemas,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  yield* withLocalPlace(file, signal, (place) => readPlace(file, place, columns, signal))
}

async function* readPlace(
  file: SourceFile,
  place: LocalPlace,
  columns: ColumnSchemas,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  await place.check()
  let rows: Row[] = []
  try {
    for await (const row of readParquetFile(place.path, columns)) {
      rows.push(row)
      if (rows.length < rowsAtOnce) continue
      signal.throwIfAborted()
      yield rows
      rows = []
    }
  } catch (error) {
    if (!(isRetortError(error) && error.code === 'store-corrupt')) throw error
    throw malformed(file, 'is not the Parquet that its dataset.json says', { cause: error })
  }
  if (rows.length > 0) yield rows
  await place.check()
}
