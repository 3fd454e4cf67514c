import { expect, test } from 'vitest'

import { SpendingPace } from '../../../src/storage/budget/spending-pace.ts'

const tokens = (count: number) => ({ nanoUsd: 0, tokens: count })

test('what is drawn ahead lasts two seconds at the pace of late', () => {
  const pace = new SpendingPace()
  expect(pace.look(0, tokens(5_000))).toEqual(tokens(0))
  expect(pace.look(500, tokens(5_100))).toEqual(tokens(400))
  expect(pace.look(1_000, tokens(5_100))).toEqual(tokens(200))
  expect(pace.look(1_500, tokens(5_400))).toEqual(tokens(1_200))
})

test('a burst between two looks is not taken for the pace', () => {
  const pace = new SpendingPace()
  pace.look(0, tokens(0))
  expect(pace.look(1, tokens(10))).toEqual(tokens(100))
})
