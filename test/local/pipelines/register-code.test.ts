import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'
import { z } from 'zod'

import type { AnyDefinition, GeneratorDefinition } from '../../../src/core/step.ts'
import { defineLLM } from '../../../src/models/own-models.ts'
import { registerCode } from '../../../src/local/pipelines/register-code.ts'
import { builtInRegistry } from '../../../src/registry.ts'

const own: GeneratorDefinition = { kind: 'generator', type: 'Own', generate: () => [] }
const files = [fileURLToPath(import.meta.url)]

test('definitions that are built in need no code', async () => {
  const definitions: AnyDefinition[] = [...builtInRegistry.steps.values()].map(
    (step) => step.definition,
  )
  expect(await registerCode(definitions, files, '.')).toEqual({
    registry: builtInRegistry,
    code: null,
  })
})

test('own definitions are registered beside the built-in ones, a version with the hash', async () => {
  const { registry, code } = await registerCode(
    [own, { ...own, type: 'Raised', version: '2' }],
    files,
    '.',
  )
  expect(registry.steps.size).toBe(builtInRegistry.steps.size + 2)
  expect(registry.steps.get('Own')).toEqual({ definition: own, code })
  expect(registry.steps.get('Raised')?.code).toBe(`${code}/2`)
})

const llmOf = (type: string) =>
  defineLLM({
    type,
    params: z.strictObject({}),
    identity: () => ({ provider: 'own', model: 'own', parameters: {} }),
    create: () => Promise.reject(new TypeError('never asked')),
  }).definition

test('a model that is not built in is registered with the hash of its code', async () => {
  const definition = llmOf('OwnLLM')
  const { registry, code } = await registerCode([definition, definition], files, '.')
  expect(code).toMatch(/^[0-9a-f]{64}$/)
  expect(registry.models.get('OwnLLM')).toEqual({ definition, code })
  expect(registry.models.size).toBe(builtInRegistry.models.size + 1)
})

test('a type of model cannot be defined again, whether it is built in or the own', async () => {
  const twice = (...types: string[]) => registerCode(types.map(llmOf), files, '.')
  await expect(twice('OpenAILLM')).rejects.toMatchObject({
    code: 'spec-invalid',
    message: `Model type 'OpenAILLM' is defined twice; give one of the two another type.`,
  })
  await expect(twice('OwnLLM', 'OwnLLM')).rejects.toMatchObject({ code: 'spec-invalid' })
})

test('code that is in no file is never taken for the same', async () => {
  const [first, second] = [await registerCode([own], [], '.'), await registerCode([own], [], '.')]
  expect(first.code).toMatch(/^[0-9a-f]{64}$/)
  expect(second.code).not.toBe(first.code)
})

test('a type that is built in cannot be defined again', async () => {
  await expect(registerCode([{ ...own, type: 'KeepColumns' }], files, '.')).rejects.toMatchObject({
    code: 'spec-invalid',
    message: `Step type 'KeepColumns' is defined twice; give one of the two another type.`,
  })
})
