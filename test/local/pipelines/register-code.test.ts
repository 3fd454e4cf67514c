import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import type { AnyDefinition, GeneratorDefinition } from '../../../src/core/step.ts'
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
