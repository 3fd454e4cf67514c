import { expect, test } from 'vitest'

import { forecastOf } from '../../src/core/forecast.ts'
import type { ForecastBasis } from '../../src/core/forecast.ts'
import { noFigures } from '../../src/core/run-report.ts'

const basis: ForecastBasis = {
  rows: 1_000,
  doneRows: 100,
  figures: {
    ...noFigures,
    calls: 200,
    inputTokens: 20_000,
    outputTokens: 10_000,
    costNanoUsd: 50_000_000,
  },
  foundCalls: 0,
  elapsedSeconds: 10,
}

test('a run will take what its rows took so far, times its rows', () => {
  expect(forecastOf(basis)).toEqual({ tokens: 300_000, costUsd: 0.5, seconds: 90 })
})

test('nothing is foretold before 2 % of the rows are done, nor while nothing was paid', () => {
  expect(forecastOf({ ...basis, doneRows: 19 })).toBeNull()
  expect(forecastOf({ ...basis, doneRows: 20 })).not.toBeNull()
  expect(forecastOf({ ...basis, rows: 10, doneRows: 0 })).toBeNull()
  const reused = { ...noFigures, reusedAnswers: 200 }
  expect(forecastOf({ ...basis, figures: reused })).toBeNull()
})

test('answers that earlier runs paid cost nothing, and the rows that are left are taken to be paid', () => {
  const figures = { ...basis.figures, reusedAnswers: 600 }
  const forecast = forecastOf({ ...basis, doneRows: 400, figures })
  // 200 calls paid for 100 of the 400 rows; 600 rows are left.
  expect(forecast).toEqual({ tokens: 210_000, costUsd: 0.35, seconds: 60 })
})

test('equal requests go on sharing their answers', () => {
  const figures = { ...basis.figures, sharedAnswers: 200 }
  expect(forecastOf({ ...basis, doneRows: 200, figures })).toEqual({
    tokens: 150_000,
    costUsd: 0.25,
    seconds: 40,
  })
})

test('a run that goes on is as fast as what this execution does', () => {
  expect(forecastOf({ ...basis, foundCalls: 100 })?.seconds).toBe(180)
  expect(forecastOf({ ...basis, foundCalls: 200 })).toMatchObject({ costUsd: 0.5, seconds: null })
})

test('without a price there are tokens and no money', () => {
  const figures = { ...basis.figures, unpricedCalls: 1 }
  expect(forecastOf({ ...basis, figures })).toMatchObject({ tokens: 300_000, costUsd: null })
})

test('a run that is done comes to what it took', () => {
  expect(forecastOf({ ...basis, doneRows: 1_000 })).toEqual({
    tokens: 30_000,
    costUsd: 0.05,
    seconds: 0,
  })
})
