import { expect, test } from 'vitest'

import { toVectors } from '../../../src/models/embeddings/to-vectors.ts'

const call = {
  who: "Embeddings 'e'",
  url: 'http://localhost/embed',
  keyVariable: undefined,
  redact: (text: string) => text,
}

test('lists of numbers become vectors', () => {
  expect(
    toVectors(
      call,
      [
        [1, 0.5],
        [0, 2],
      ],
      2,
    ),
  ).toEqual([Float32Array.of(1, 0.5), Float32Array.of(0, 2)])
})

test.for([
  ['too few', [[1]]],
  ['too many', [[1], [1], [1]]],
  ['one that is longer', [[1], [1, 2]]],
  ['an empty one', [[], []]],
  ['no numbers', [[1], ['a']]],
  ['none', [[1], null]],
] as const)('%s become no vectors of two texts', ([, given]) => {
  expect(() => toVectors(call, given, 2)).toThrow(
    expect.objectContaining({
      code: 'request-invalid',
      message: expect.stringContaining('2 texts'),
    }),
  )
})
