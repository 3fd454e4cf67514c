import { expect, test } from 'vitest'

import { createRandom } from '../../../src/core/random.ts'
import { drawToken } from '../../../src/models/transformers/thread/draw-token.ts'

const all = { temperature: 1, topP: 1, topK: 0, minP: 0 }
const shares = [0.1, 0.5, 0.15, 0.25]

function sharesDrawn(drawing: Partial<typeof all>): readonly number[] {
  const random = createRandom('draw')
  const counts = shares.map(() => 0)
  const times = 4000
  for (let count = 0; count < times; count++) {
    const logits = Float32Array.from(shares, Math.log)
    const token = drawToken(logits, { ...all, ...drawing }, random)
    counts[token] = (counts[token] ?? 0) + 1 / times
  }
  return counts
}

test.for([
  [{}, [0.1, 0.5, 0.15, 0.25]],
  [{ topK: 2 }, [0, 2 / 3, 0, 1 / 3]],
  [{ topP: 0.7 }, [0, 2 / 3, 0, 1 / 3]],
  [{ topP: 0.4 }, [0, 1, 0, 0]],
  [{ minP: 0.29 }, [0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9]],
  [{ temperature: 0.5 }, [0.01, 0.25, 0.0225, 0.0625].map((weight) => weight / 0.345)],
  [{ temperature: 0 }, [0, 1, 0, 0]],
  [{ topK: 1 }, [0, 1, 0, 0]],
] as const)('%o draws each token as often as it should', ([drawing, expected]) => {
  for (const [token, share] of sharesDrawn(drawing).entries())
    expect(Math.abs(share - (expected[token] ?? 0))).toBeLessThan(0.03)
})

test('a token that cannot come never does', () => {
  const logits = Float32Array.of(Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY)
  expect(drawToken(logits, all, () => 0.999_999)).toBe(1)
})
