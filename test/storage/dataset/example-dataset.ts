import type { RejectedRow } from '../../../src/core/staged-row.ts'
import type { ColumnSchemas } from '../../../src/core/step.ts'
import { leafPrefix, rejectedPrefix } from '../../../src/storage/dataset/dataset-keys.ts'
import type { DatasetManifest } from '../../../src/storage/dataset/dataset-manifest.ts'
import { describeLeaf } from '../../../src/storage/dataset/dataset-manifest.ts'
import { writeRejectedPart } from '../../../src/storage/dataset/rejected-rows.ts'
import { writeParquetPart } from '../../../src/storage/parquet/write-parquet-part.ts'
import type { Store } from '../../../src/storage/store.ts'
import { streamOf } from '../parquet/part-folder.ts'

export const exampleColumns: ColumnSchemas = {
  instruction: { type: 'string' },
  number: { type: 'integer' },
  details: {},
}

/** A manifest without any part. */
export function exampleManifest(changes: Partial<DatasetManifest> = {}): DatasetManifest {
  return {
    format: 1,
    name: 'answers',
    version: 'run-1',
    createdAt: '2026-01-02T03:04:05.000Z',
    run: 'run-1',
    retortVersion: '0.1.0',
    spec: { version: 1, name: 'answers', steps: [] },
    steps: [
      { name: 'load', type: 'LoadDataFromDicts', signature: 'a' },
      { name: 'answer', type: 'TextGeneration', signature: 'b', papers: ['2312.02120'] },
    ],
    models: [{ step: 'answer', type: 'OpenAILLM', model: 'gpt-4o-mini', simulated: false }],
    simulated: false,
    leaves: [],
    rejected: { rows: 0, parts: [], byCode: {} },
    tokens: { input: 1234, output: 567 },
    calls: 12,
    reusedAnswers: 3,
    sharedAnswers: 0,
    costUsd: 0.000_53,
    seconds: 1.25,
    ...changes,
  }
}

/** Row number `number` of the example. */
export function exampleRow(number: number): Readonly<Record<string, unknown>> {
  return { instruction: `Say ${number}`, number, details: { [`key ${number}`]: [number, null] } }
}

/** A rejected row. */
export const exampleRejection: RejectedRow = {
  origin: '7.0',
  identity: 'f00',
  step: 'answer',
  code: 'output-invalid',
  reason: 'No section [Solution].',
  raw: 'I\'d "rather" not\n',
  row: { instruction: 'Say 7', nested: { any: [1] } },
}

/** Stores parts of 3,000, 0 and 2,000 rows and one rejected row; gives the manifest that lists them. */
export async function writeExample(store: Store): Promise<DatasetManifest> {
  const manifest = exampleManifest()
  const { name, version } = manifest
  const parts = []
  for (const [from, to] of [
    [0, 3000],
    [3000, 3000],
    [3000, 5000],
  ] as const) {
    const rows = Array.from({ length: to - from }, (_, index) => exampleRow(from + index))
    parts.push(
      await writeParquetPart({
        rows: streamOf(rows),
        columns: exampleColumns,
        store,
        prefix: leafPrefix(name, version, 'answer'),
        index: parts.length,
      }),
    )
  }
  const rejected = await writeRejectedPart({
    rows: streamOf([exampleRejection]),
    store,
    prefix: rejectedPrefix(name, version),
    index: 0,
  })
  return {
    ...manifest,
    leaves: [describeLeaf('answer', exampleColumns, parts)],
    rejected: { rows: 1, parts: [rejected], byCode: { 'output-invalid': 1 } },
  }
}
