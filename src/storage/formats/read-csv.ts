import type { Row } from '../../core/columns.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { csvTypeOf, narrowCsvType, toCsvValue } from './csv-types.ts'
import type { CsvType } from './csv-types.ts'
import { malformed } from './malformed.ts'
import { readText } from './read-bytes.ts'
import type { SourceFile } from './source-file.ts'
import { createCsvSplitter } from './split-csv.ts'
import type { CsvRecord, CsvSplitter } from './split-csv.ts'

/** Types of the columns of CSV files, which hold for all of them. */
export type CsvTypes = ReadonlyMap<string, CsvType>

/**
 * Rows of a CSV file, whose first record names the columns. Commas, semicolons or tabs stand between values, whichever
 * the header has most of.
 */
export async function* readCsv(
  file: SourceFile,
  types: CsvTypes,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  for await (const { names, records } of readRecords(file, signal)) {
    const columns = names.map((name) => types.get(name) ?? 'text')
    yield records.map(({ values }) =>
      Object.fromEntries(
        names.map((name, index) => [
          name,
          toCsvValue(columns[index] ?? 'text', values[index] ?? null),
        ]),
      ),
    )
  }
}

/**
 * Finds the types of columns: those of `known`, else numbers or booleans where every value that is there is one without
 * losing a digit, else text. It reads the files once, unless all of their columns are known.
 */
export async function findCsvTypes(
  files: readonly SourceFile[],
  known: ColumnSchemas,
  signal: AbortSignal,
): Promise<CsvTypes> {
  const types = new Map<string, CsvType>()
  for (const [name, schema] of Object.entries(known)) types.set(name, csvTypeOf(schema))
  for (const file of files)
    for await (const { names, records } of readRecords(file, signal)) {
      const open = names.flatMap((name, index) =>
        Object.hasOwn(known, name) || types.get(name) === 'text' ? [] : [{ name, index }],
      )
      // Nothing is left to find, in this file at least: its names don't change.
      if (open.length === 0) break
      for (const { values } of records)
        for (const { name, index } of open) {
          const type = narrowCsvType(types.get(name), values[index] ?? null)
          if (type !== undefined) types.set(name, type)
        }
    }
  return types
}

interface NamedRecords {
  readonly names: readonly string[]
  readonly records: readonly CsvRecord[]
}

/** The records behind the header, with the names that it gives. */
async function* readRecords(file: SourceFile, signal: AbortSignal): AsyncGenerator<NamedRecords> {
  let names: readonly string[] | undefined
  for await (const records of splitRecords(file, signal)) {
    const data = names === undefined ? records.slice(1) : records
    const [header] = records
    if (names === undefined && header === undefined) continue
    names ??= columnNames(file, header?.values ?? [])
    for (const { values, line } of data)
      if (values.length !== names.length) {
        const count = `${values.length} value${values.length === 1 ? '' : 's'}`
        throw malformed(file, `has ${count} where the header has ${names.length}`, { line })
      }
    yield { names, records: data }
  }
}

async function* splitRecords(
  file: SourceFile,
  signal: AbortSignal,
): AsyncGenerator<readonly CsvRecord[]> {
  let splitter: CsvSplitter | undefined
  let beginning = ''
  const begin = () => (splitter = createCsvSplitter(file, delimiterOf(file, beginning)))
  for await (const text of readText(file, signal)) {
    if (splitter !== undefined) {
      yield splitter.add(text)
      continue
    }
    beginning += text
    if (beginning.includes('\n')) yield begin().add(beginning)
  }
  if (splitter === undefined) yield begin().add(beginning)
  if (splitter !== undefined) yield splitter.end()
}

function columnNames(file: SourceFile, header: readonly (string | null)[]): readonly string[] {
  const names = header.map((name, index) => name ?? `column_${index + 1}`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return names
  throw malformed(file, `names the column '${twice}' twice`, { line: 1 })
}

function delimiterOf(file: SourceFile, beginning: string): string {
  if (/\.tsv(\.\w+)?$/i.test(file.name)) return '\t'
  const [header = ''] = beginning.replaceAll(/"[^"]*"/g, '').split('\n', 1)
  const counts = [',', ';', '\t'].map((delimiter) => ({
    delimiter,
    count: header.split(delimiter).length,
  }))
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).delimiter
}
