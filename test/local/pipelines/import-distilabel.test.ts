import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, expect, test } from 'vitest'

import { loadPipeline } from '../../../src/local/pipelines/load-pipeline.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { createFileTree } from './file-tree.ts'

const dumps = fileURLToPath(new URL('../../import/distilabel/dumps/', import.meta.url))
const tree = createFileTree({ 'rows.jsonl': '{"instruction":"Why?"}\n' })
for (const name of ['linear.yaml', 'linear.json', 'beyond.yaml'])
  cpSync(join(dumps, name), join(tree.path, name))

afterAll(() => tree[Symbol.dispose]())

const at = (name: string) => join(tree.path, name)
const set = [`load.data=@${at('rows.jsonl')}`]

test('a pipeline that distilabel saved loads as any other, once its rows are there', async () => {
  const loaded = await loadPipeline(at('linear.yaml'), { set })
  expect(loaded).toMatchObject({ code: null, spec: { version: 1, name: 'linear' } })
  expect(loaded.spec.steps[0]?.params).toEqual({ data: [{ instruction: 'Why?' }] })
  expect((await loadPipeline(at('linear.json'), { set })).spec).toEqual(loaded.spec)
})

test('without its rows it says how to give them', async () => {
  expect(await rejectionOf(loadPipeline(at('linear.yaml')))).toMatchObject({
    code: 'parameter-invalid',
    message:
      "Step 'load' (LoadDataFromDicts) has no rows, which distilabel leaves out of its files; give them with --set load.data=@rows.jsonl.",
  })
})

test('where nothing is run it needs no rows', async () => {
  const { spec } = await loadPipeline(at('linear.yaml'), { mayLack: true })
  expect(spec.steps.map(({ name }) => name)).toEqual(['load', 'answer', 'keep'])
})

test('a setting changes what was imported', async () => {
  const { spec } = await loadPipeline(at('linear.yaml'), {
    set: [...set, 'answer.llm.params.generationKwargs.maxNewTokens=9'],
  })
  expect(spec.steps[1]?.params?.['llm']).toMatchObject({
    params: { generationKwargs: { maxNewTokens: 9, temperature: 0.7 } },
  })
})

test('a file with what only Python can read is refused for what it holds', async () => {
  const error = await rejectionOf(loadPipeline(at('beyond.yaml')))
  expect(error.code).toBe('import-unsupported')
  expect(error.message).toContain("parameter 'llm.structured_output' of step 'answer'")
  expect(error.message).not.toContain('not-a-token')
})
