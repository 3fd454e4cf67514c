import { expect, test } from 'vitest'
import { z } from 'zod'

import type { Row } from '../../../src/core/columns.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { resolveParams } from '../../../src/core/resolve-params.ts'
import { definitionKey } from '../../../src/core/step.ts'
import type { GeneratorStep } from '../../../src/core/step.ts'
import {
  loadDataFromFileSystem,
  loadDataFromFileSystemDefinition as definition,
} from '../../../src/steps/sources/load-data-from-file-system.ts'
import { makeSourceFolder } from '../../storage/source-folder.ts'
import type { SourceFolder } from '../../storage/source-folder.ts'

const { signal } = new AbortController()

function resolve(params: JsonObject): Row {
  const { [definitionKey]: erased } = loadDataFromFileSystem({ dataFiles: 'a' })
  return resolveParams(erased, { name: 'load', type: erased.type, params }).params
}

async function load(folder: SourceFolder, step: GeneratorStep<Row>): Promise<Row[]> {
  const params = resolve(step.params)
  const context = { seed: 0, files: folder.files, signal }
  return await Array.fromAsync(step[definitionKey].generate(params, context))
}

test('rows of files are given as they are where no columns are told', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', '{"id":1,"text":"a"}\n{"id":2}\n')
  const step = loadDataFromFileSystem({ dataFiles: 'a.jsonl', numExamples: 5 })
  expect(await load(folder, step)).toEqual([{ id: 1, text: 'a' }, { id: 2 }])
  expect(definition.columns?.({ dataFiles: 'a.jsonl' })).toBeUndefined()
})

test('columns that are told are the only ones, of the types that are told', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.csv', 'id,text,note,other\n1,7,,x\n2,8,n,y\n')
  const columns = z.object({ text: z.string(), id: z.int(), note: z.string().optional() })
  const step = loadDataFromFileSystem({ dataFiles: 'a.csv', columns })
  expect(JSON.parse(JSON.stringify(step.params))).toEqual(step.params)
  expect(await load(folder, step)).toEqual([
    { text: '7', id: 1 },
    { text: '8', id: 2, note: 'n' },
  ])
  expect(Object.keys(step[definitionKey].columns?.(step.params) ?? {})).toEqual([
    'text',
    'id',
    'note',
  ])
})

test.each([
  ['{"id":1,"text":"a"}\n{"id":"x"}', "Row 2 of 'a.jsonl' does not hold in column 'id': "],
  ['{"id":1,"text":"a"}\n{"id":1.5}', "Row 2 of 'a.jsonl' does not hold in column 'id': "],
  ['{"text":"a","more":1}', "Row 1 of 'a.jsonl' has no column 'id'; it has 'text', 'more'."],
])(
  'a row that does not have the columns that are told is an error: %j',
  async (content, message) => {
    const folder = await makeSourceFolder()
    await folder.write('a.jsonl', content)
    const step = loadDataFromFileSystem({
      dataFiles: 'a.jsonl',
      columns: z.object({ id: z.int() }),
    })
    await expect(load(folder, step)).rejects.toMatchObject({
      code: 'file-malformed',
      message: expect.stringContaining(message),
    })
  },
)

test.each([
  [{}, "needs the parameter 'dataFiles'"],
  [{ dataFiles: [] }, "Parameter 'dataFiles"],
  [{ dataFiles: 'a', filetype: 'xml' }, "Parameter 'filetype'"],
  [{ dataFiles: 'a', numExamples: 0 }, "Parameter 'numExamples'"],
  [
    { dataFiles: 'a', columns: { type: 'object' } },
    "Parameter 'columns' of step 'load' names no columns",
  ],
  [
    { dataFiles: 'a', columns: { properties: { id: { $ref: '#/nowhere' } } } },
    'is no JSON Schema that can be checked',
  ],
])('parameters that do not hold are an error: %j', (params, message) => {
  expect(() => resolve(params)).toThrow(
    expect.objectContaining({
      code: 'parameter-invalid',
      message: expect.stringContaining(message),
    }),
  )
})

test('a parameter that is misspelt is an error with the nearest name', () => {
  expect(() => resolve({ dataFiles: 'a', numExample: 1 })).toThrow(
    expect.objectContaining({
      code: 'parameter-unknown',
      message: expect.stringContaining("Did you mean 'numExamples'?"),
    }),
  )
})
