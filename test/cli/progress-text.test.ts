import { expect, test } from 'vitest'

import { progressText, RowRate, toDuration } from '../../src/cli/progress-text.ts'
import { noFigures } from '../../src/core/run-report.ts'
import type { Progress } from '../../src/core/run-report.ts'

const half: Progress = {
  state: 'running',
  pausedReason: null,
  rows: 2_000,
  doneRows: 1_000,
  target: null,
  figures: {
    ...noFigures,
    calls: 1_000,
    inputTokens: 900_000,
    outputTokens: 334_000,
  },
  jobs: null,
  forecast: null,
  steps: [],
  notices: [],
}

test('a progress line has rows, rate, tokens and the time that is left', () => {
  expect(progressText(half, 25)).toBe('1,000/2,000 rows  50 %  25 rows/s  1.2M tokens  40 s left')
  expect(progressText(half, undefined)).toBe('1,000/2,000 rows  50 %  1.2M tokens')
  expect(progressText({ ...half, figures: { ...half.figures, rejected: 3 } }, 0.5)).toContain(
    '0.5 rows/s  1.2M tokens  3 rejected  33 min 20 s left',
  )
})

test('what the run will come to stands beside what it has come to', () => {
  const paid = { ...half, figures: { ...half.figures, costNanoUsd: 1_260_000_000 } }
  expect(progressText(paid, 25)).toContain('1.2M tokens  $1.26  40 s left')
  const forecast = { tokens: 2_468_000, costUsd: 2.52, seconds: 75 }
  expect(progressText({ ...paid, forecast }, undefined)).toBe(
    '1,000/2,000 rows  50 %  1.2M of about 2.5M tokens  $1.26 of about $2.52  1 min 15 s left',
  )
  const figures = { ...paid.figures, unpricedCalls: 1 }
  const unpriced = { ...paid, figures, forecast: { ...forecast, costUsd: null, seconds: null } }
  expect(progressText(unpriced, undefined)).toBe(
    '1,000/2,000 rows  50 %  1.2M of about 2.5M tokens',
  )
})

test('a run that makes so many rows counts those that passed, and tells the source rows beside', () => {
  const target = { accepted: 30, wanted: 40 }
  expect(progressText({ ...half, rows: 80, doneRows: 60, target }, 5)).toBe(
    '30/40 rows  75 %  60 source rows  5.0 rows/s  1.2M tokens  2 s left',
  )
  const enough = { ...half, rows: 80, doneRows: 80, target: { accepted: 40, wanted: 40 } }
  expect(progressText(enough, undefined)).toBe('40/40 rows  100 %  80 source rows  1.2M tokens')
})

test('a run that is planned or published says so', () => {
  expect(progressText({ ...half, state: 'planning' }, undefined)).toBe('planning')
  expect(progressText({ ...half, state: 'publishing', doneRows: 2_000 }, 25)).toBe(
    '2,000/2,000 rows  100 %  25 rows/s  1.2M tokens  writing the dataset',
  )
})

test('the rate is that of the last half minute', () => {
  const rate = new RowRate()
  expect(rate.add(0, 500)).toBeUndefined()
  expect(rate.add(1_000, 500)).toBeUndefined()
  expect(rate.add(2_000, 600)).toBe(50)
  expect(rate.add(31_000, 800)).toBe(10)
})

test('durations are told as people say them', () => {
  expect([0.44, 9.96, 59.4, 61, 3_600 + 125].map(toDuration)).toEqual([
    '0.4 s',
    '10 s',
    '59 s',
    '1 min 1 s',
    '1 h 2 min',
  ])
})
