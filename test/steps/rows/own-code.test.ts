import { expect, test } from 'vitest'

import { createFileTree } from '../../local/pipelines/file-tree.ts'
import { loadInNode } from '../../local/pipelines/load-in-node.ts'

const source = new URL('../../../src/', import.meta.url).href
const steps = (least: number) => `
import { deriveColumns, filterRows, mapRows } from '${source}index.ts'
import { z } from '${import.meta.resolve('zod')}'
const inputs = z.object({ text: z.string() })
export const long = filterRows({ type: 'LongOnly', inputs, keep: ({ text }) => text.length > ${least} })
export const upper = mapRows({ type: 'Upper', inputs, outputs: inputs, map: ({ text }) => ({ text: text.toUpperCase() }) })
export const size = deriveColumns({ type: 'Size', inputs, outputs: z.object({ size: z.int() }), derive: ({ text }) => ({ size: text.length }) })
`
const spec = `
version: 1
name: own
steps:
  - { name: load, type: LoadDataFromDicts, params: { data: [{ text: a }] } }
  - { name: long, type: LongOnly, after: [load], module: ./steps.ts, export: long }
  - { name: upper, type: Upper, after: [long], module: ./steps.ts, export: upper }
  - { name: size, type: Size, after: [upper], module: ./steps.ts, export: size }
`
const pipeline = `
import { Pipeline, loadDataFromDicts } from '${source}index.ts'
import { long, size, upper } from './steps.ts'
export default Pipeline.from('own', loadDataFromDicts([{ text: 'a' }]))
  .step('long', long())
  .step('upper', upper())
  .step('size', size())
`

test('functions travel by module and export, and their code is part of what is signed', async () => {
  using tree = createFileTree({
    'package.json': '{ "type": "module" }',
    'steps.ts': steps(1),
    'own.yaml': spec,
    'own.ts': pipeline,
  })
  const files = ['own.yaml', 'own.ts']
  const before = await loadInNode(tree.path, files)
  for (const { error, code, steps } of before) {
    expect(error).toBeUndefined()
    expect(code).toMatch(/^[0-9a-f]{64}$/)
    expect(steps).toEqual({ LongOnly: code, Size: code, Upper: code })
  }
  tree.write({ 'steps.ts': steps(2) })
  const after = await loadInNode(tree.path, files)
  for (const [index, { code }] of after.entries()) expect(code).not.toBe(before[index]?.code)
})
