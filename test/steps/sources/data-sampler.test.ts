import { expect, test } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import { resolveParams } from '../../../src/core/resolve-params.ts'
import { definitionKey } from '../../../src/core/step.ts'
import type { GeneratorStep } from '../../../src/core/step.ts'
import { dataSampler } from '../../../src/steps/sources/data-sampler.ts'
import { makeSourceFolder } from '../../storage/source-folder.ts'

const data = Array.from({ length: 20 }, (_, id) => ({ id, text: `text ${id}` }))

async function resolve(step: GeneratorStep<Row>, seed = 0) {
  const { files } = await makeSourceFolder()
  const definition = step[definitionKey]
  const { params } = resolveParams(definition, { name: 'it', type: step.type, params: step.params })
  return { definition, params, context: { seed, files, signal: new AbortController().signal } }
}

async function sample(step: GeneratorStep<Row>, seed = 0): Promise<Row[]> {
  const { definition, params, context } = await resolve(step, seed)
  return await Array.fromAsync(definition.generate(params, context))
}

test('each row is a sample of rows, column by column', async () => {
  const rows = await sample(dataSampler({ data, size: 3, samples: 50 }))
  expect(rows).toHaveLength(50)
  for (const { id, text } of rows) {
    expect(id).toHaveLength(3)
    expect(text).toEqual((id as number[]).map((one) => `text ${one}`))
  }
  expect(new Set(rows.flatMap(({ id }) => id)).size).toBe(20)
})

test('two rows are drawn a hundred times where nothing else is said', async () => {
  const rows = await sample(dataSampler({ data }))
  expect(rows).toHaveLength(100)
  expect(rows[0]?.['id']).toHaveLength(2)
})

test('rows are drawn with replacement', async () => {
  expect(await sample(dataSampler({ data: [{ a: 1 }], size: 3, samples: 1 }))).toEqual([
    { a: [1, 1, 1] },
  ])
})

test('the same seed draws the same, and more samples change none of the first', async () => {
  const few = await sample(dataSampler({ data, samples: 5 }))
  expect(await sample(dataSampler({ data, samples: 5 }))).toEqual(few)
  expect((await sample(dataSampler({ data, samples: 9 }))).slice(0, 5)).toEqual(few)
  expect(await sample(dataSampler({ data, samples: 5 }), 1)).not.toEqual(few)
})

test('a column that a row lacks is null there, and every column is a list', async () => {
  const step = dataSampler<Row>({ data: [{ a: 1 }, { b: 'x' }], size: 20, samples: 1 })
  const [row] = await sample(step)
  expect(new Set(row?.['a'] as unknown[])).toEqual(new Set([1, null]))
  expect(new Set(row?.['b'] as unknown[])).toEqual(new Set(['x', null]))
  const { definition, params } = await resolve(step)
  expect(definition.columns?.(params)).toEqual({
    a: { type: 'array', items: { type: ['integer', 'null'] } },
    b: { type: 'array', items: { type: ['string', 'null'] } },
  })
})

test('the fingerprint changes with the rows', async () => {
  const fingerprint = async (id: number) => {
    const { definition, params, context } = await resolve(dataSampler({ data: [{ id }] }))
    return await definition.fingerprint?.(params, context)
  }
  expect(await fingerprint(1)).toBe(await fingerprint(1))
  expect(await fingerprint(1)).not.toBe(await fingerprint(2))
})

test.each([
  [{ data: [] }, "Parameter 'data' of step 'it'"],
  [{ data, size: 0 }, "Parameter 'size' of step 'it'"],
  [{ data, samples: 1.5 }, "Parameter 'samples' of step 'it'"],
  [{}, "needs the parameter 'data'"],
])('parameters that do not hold are an error: %j', async (params, message) => {
  // Spoils the types on purpose.
  await expect(resolve(dataSampler(params as never))).rejects.toMatchObject({
    code: 'parameter-invalid',
    message: expect.stringContaining(message),
  })
})
