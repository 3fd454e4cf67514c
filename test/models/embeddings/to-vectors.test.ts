import { expect, test } from 'vitest'

import { toVectors } from '../../../src/models/embeddings/to-vectors.ts'

const call = {
  who: "Embeddings 'e'",
  url: 'http://localhost/embed',
  keyVariable: undefined,
  redact: (text: string) => text,
}

const two = { texts: 2, normalize: false }

test('lists of numbers, and numbers in base64, become vectors', () => {
  const base64 = Buffer.from(Float32Array.of(0, 2).buffer).toString('base64')
  const vectors = [Float32Array.of(1, 0.5), Float32Array.of(0, 2)]
  expect(toVectors(call, [[1, 0.5], base64], two)).toEqual(vectors)
  expect(toVectors(call, vectors, two)).toEqual(vectors)
})

test('vectors are brought to unit length where that is wanted', () => {
  expect(
    toVectors(
      call,
      [
        [0, 2],
        [3, 0],
      ],
      { texts: 2, normalize: true },
    ),
  ).toEqual([Float32Array.of(0, 1), Float32Array.of(1, 0)])
})

test.for([
  ['too few', [[1]], 'got 1 vector for 2 texts'],
  ['too many', [[1], [1], [1]], 'got 3 vectors for 2 texts'],
  ['one that is longer', [[1], [1, 2]], 'got vectors of several lengths'],
  ['an empty one', [[], []], 'something else than numbers as vector 1'],
  ['no numbers', [[1], ['a']], 'something else than numbers as vector 2'],
  ['numbers and nothing', [[1], [null]], 'something else than numbers as vector 2'],
  ['too large numbers', [[1], [1e300]], 'something else than numbers as vector 2'],
  ['half a number', ['AAAA', [1]], 'something else than numbers as vector 1'],
  ['none', [[1], null], 'something else than numbers as vector 2'],
] as const)('%s become no vectors of two texts', ([, given, said]) => {
  expect(() => toVectors(call, given, two)).toThrow(
    expect.objectContaining({
      code: 'request-invalid',
      message: expect.stringContaining(`Embeddings 'e' ${said.replace(/^(?!got)/, 'got ')}`),
    }),
  )
})

test('vectors of another length than was asked for say what to do', () => {
  expect(() =>
    toVectors(
      call,
      [
        [1, 2],
        [1, 2],
      ],
      { ...two, dimensions: 1 },
    ),
  ).toThrow(
    expect.objectContaining({
      code: 'parameter-invalid',
      message: expect.stringContaining("asked for 1 dimensions and has 2; leave 'dimensions' out"),
    }),
  )
})
