import { expect, test } from 'vitest'

import { nearestName } from '../../src/core/names.ts'

const types = ['TextGeneration', 'KeepColumns', 'GroupColumns', 'LoadDataFromDicts']

test.each([
  ['TextGenration', 'TextGeneration'],
  ['textgeneration', 'TextGeneration'],
  ['KeepColums', 'KeepColumns'],
  ['GroupColumn', 'GroupColumns'],
])('of %s the nearest is %s', (name, nearest) => {
  expect(nearestName(name, types)).toBe(`Did you mean '${nearest}'?`)
})

test('where nothing is near, everything is listed', () => {
  expect(nearestName('Ultrafeedback', ['a', 'b'])).toBe("There are: 'a', 'b'.")
  expect(nearestName('Ultrafeedback', [])).toBe('There are none.')
})

test('a long list is cut', () => {
  const names = Array.from({ length: 100 }, (_, index) => `column_number_${index}`)
  expect(nearestName('x', names)).toContain("'column_number_19'.")
})

test('a short name was once taken for another that shares no letter with it', () => {
  expect(nearestName('q', ['a', 'b'])).toBe("There are: 'a', 'b'.")
  expect(nearestName('id', ['xy'])).toBe("There are: 'xy'.")
  expect(nearestName('ib', ['id'])).toBe("Did you mean 'id'?")
})
