import { expect, test } from 'vitest'

import { resolveParams } from '../../../src/core/resolve-params.ts'
import { definitionKey } from '../../../src/core/step.ts'
import type { GeneratorContext } from '../../../src/core/step.ts'
import { loadDataFromDicts } from '../../../src/steps/sources/load-data-from-dicts.ts'
import { makeSourceFolder } from '../../storage/source-folder.ts'

async function makeContext(): Promise<GeneratorContext> {
  const { files } = await makeSourceFolder()
  return { seed: 0, files, signal: new AbortController().signal }
}

test('rows that stand in the pipeline are given as they stand', async () => {
  const step = loadDataFromDicts([
    { id: 1, text: 'a' },
    { id: 2, text: 'b' },
  ])
  const definition = step[definitionKey]
  const { params } = resolveParams(definition, {
    name: 'load',
    type: step.type,
    params: step.params,
  })
  const context = await makeContext()
  expect(await Array.fromAsync(definition.generate(params, context))).toEqual(step.params['data'])
  expect(definition.columns?.(params)).toEqual({
    id: { type: 'integer' },
    text: { type: 'string' },
  })
})

test('the fingerprint of rows changes with them', async () => {
  const context = await makeContext()
  const fingerprint = async (id: number) => {
    const step = loadDataFromDicts([{ id }])
    return await step[definitionKey].fingerprint?.(step.params, context)
  }
  expect(await fingerprint(1)).toBe(await fingerprint(1))
  expect(await fingerprint(1)).not.toBe(await fingerprint(2))
})

test.each([
  [{}, 'parameter-invalid', "Step 'load' (LoadDataFromDicts) needs the parameter 'data'."],
  [{ data: [] }, 'parameter-invalid', "Parameter 'data' of step 'load'"],
  [{ data: ['text'] }, 'parameter-invalid', "Parameter 'data.0' of step 'load'"],
  [{ data: [{}], dta: 1 }, 'parameter-unknown', "Did you mean 'data'?"],
])('parameters that do not hold are an error: %j', (params, code, message) => {
  const definition = loadDataFromDicts([{ id: 1 }])[definitionKey]
  expect(() => resolveParams(definition, { name: 'load', type: definition.type, params })).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})
