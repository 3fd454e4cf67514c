import fc from 'fast-check'
import { expect, test } from 'vitest'

import { acceptedRows, firstReach, nextEnd } from '../../src/core/wave.ts'

/** Most source rows that are taken for nothing. */
const mostInVain = 500

const accepting = fc.record({
  /** Of each source row, how many rows pass. */
  passing: fc.array(fc.nat(100), { minLength: 1, maxLength: 3_000, size: 'max' }),
  percent: fc.integer({ min: 1, max: 100 }),
  accepted: fc.integer({ min: 1, max: 2_000 }),
})

test('waves go on until enough rows pass or there are no more, and take few source rows more than that needs', () => {
  fc.assert(
    fc.property(accepting, ({ passing, percent, accepted }) => {
      const passes = passing.map((number) => number < percent)
      const plan = { rows: passes.length, target: { accepted, atMost: passes.length }, growth: 1 }
      const passed = (end: number) => passes.slice(0, end).filter(Boolean).length
      let end = firstReach(plan).end ?? 0
      while (passed(end) < accepted && end < plan.rows) {
        const next = nextEnd(plan, plan.target, end, passed(end))
        expect(next).toBeGreaterThan(end)
        expect(next).toBeLessThanOrEqual(plan.rows)
        end = next
      }
      let needed = 0
      for (let count = 0; needed < plan.rows && count < accepted; needed++)
        if (passes[needed] === true) count++
      expect(end).toBeGreaterThanOrEqual(needed)
      expect(end - needed).toBeLessThanOrEqual(mostInVain)
    }),
  )
})

test('the first wave takes a source row for each row, as far as nothing is known', () => {
  expect(firstReach({ rows: 100, target: { accepted: 30, atMost: 100 }, growth: 1 })).toEqual({
    end: 30,
    sets: {},
  })
  expect(
    firstReach({ rows: 9_000, target: { accepted: 4_000, atMost: 9_000 }, growth: 1 }).end,
  ).toBe(500)
  expect(firstReach({ rows: 20, target: { accepted: 30, atMost: 20 }, growth: 1 }).end).toBe(20)
  expect(firstReach({ rows: 20, target: null, growth: 1 }).end).toBeNull()
})

test('where source rows make several rows each, a wave takes what the rate so far says', () => {
  const plan = { rows: 10_000, target: null, growth: 1 }
  const target = { accepted: 40_000, atMost: 10_000 }
  // 4 rows each so far: 36,000 are missing, and 0.9 of what that takes are needed all but certainly.
  expect(nextEnd(plan, target, 1_000, 4_000)).toBe(1_000 + 8_100)
  expect(nextEnd(plan, { accepted: 4_010, atMost: 10_000 }, 1_000, 4_000)).toBe(1_003)
})

test('where nothing has passed so far, a wave takes as many source rows as it may in vain, or as are missing', () => {
  expect(
    nextEnd({ rows: 10_000, target: null, growth: 1 }, { accepted: 10, atMost: 10_000 }, 10, 0),
  ).toBe(10 + mostInVain)
  expect(
    nextEnd({ rows: 10_000, target: null, growth: 1 }, { accepted: 900, atMost: 10_000 }, 500, 0),
  ).toBe(1_400)
})

test('rows of a generator pass where no step comes after it', () => {
  const step = { barrier: null, roots: [0], isGathered: true }
  const sources = [{ step: 0, rows: 40 }]
  const plan = { sources, steps: [step], leaves: [0] }
  expect(acceptedRows(plan, { end: 30, sets: {} }, [0])).toBe(30)
  const map = { ...step, isGathered: false }
  const mapped = { sources, steps: [step, map], leaves: [1] }
  expect(acceptedRows(mapped, { end: 30, sets: {} }, [0, 12])).toBe(12)
})
