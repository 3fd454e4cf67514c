import type { Row, Schema } from './columns.ts'

const openObject = { type: 'object', properties: {}, additionalProperties: {} }

/** A Standard Schema of any row, which it gives on as it is: for code that reads columns which parameters name. */
export const anyRow: Schema<Row> = {
  '~standard': {
    version: 1,
    vendor: 'retort',
    // Whatever comes to a step is a row.
    validate: (value) => ({ value: value as Row }),
    jsonSchema: { input: () => openObject, output: () => openObject },
  },
}
