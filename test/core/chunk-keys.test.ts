import fc from 'fast-check'
import { expect, test } from 'vitest'

import { chunkFolder } from '../../src/core/chunk-keys.ts'
import type { Plan } from '../../src/core/plan.ts'
import { countRetries } from '../../src/core/retry-numbers.ts'
import { chunksOf, identitiesOf, littleKeys, littlePlan, littleSteps } from './little-plan.ts'
import type { LittleChunk } from './little-plan.ts'

const rowCount = fc.integer({ min: 1, max: 50 })
const keysOf = (chunks: readonly LittleChunk[]) => chunks.map(({ key }) => key)

/** The chunks that differ from those of another plan or other rows. */
function changed(before: readonly LittleChunk[], after: readonly LittleChunk[]): LittleChunk[] {
  const known = new Set(keysOf(before))
  return after.filter(({ key }) => !known.has(key))
}

/** Chunks made out of one that `isChanged`, however far behind it. */
function behind(
  plan: Plan,
  chunks: readonly LittleChunk[],
  isChanged: (chunk: LittleChunk) => boolean,
): LittleChunk[] {
  const found = new Set<LittleChunk>()
  // Chunks of earlier steps come first within a shard, and no chunk reads another shard's.
  for (const chunk of chunks.toSorted((a, b) => a.step - b.step)) {
    const after = plan.steps[chunk.step]?.after ?? []
    const readsChanged = [...found].some(
      ({ step, range }) =>
        after.includes(step) && range.from < chunk.range.to && range.to > chunk.range.from,
    )
    if (readsChanged || isChanged(chunk)) found.add(chunk)
  }
  return chunks.filter((chunk) => found.has(chunk))
}

test('the same plan and rows give the same keys, all different', () => {
  fc.assert(
    fc.property(littleSteps, rowCount, (steps, rows) => {
      const keys = keysOf(chunksOf(littlePlan(steps, rows), identitiesOf(rows)))
      expect(keysOf(chunksOf(littlePlan(steps, rows), identitiesOf(rows)))).toEqual(keys)
      expect(new Set(keys).size).toBe(keys.length)
    }),
  )
})

test('a key lies in the folder of its step and shard and names its positions', () => {
  const plan = littlePlan([{ batchSize: 10, after: [0] }], 25)
  expect(chunkFolder(plan, 1, 1)).toBe('pipelines/little/chunks/signature-1/000001/')
  const [first, second, third] = keysOf(chunksOf(plan, identitiesOf(25)))
  expect(first).toMatch(/^pipelines\/little\/chunks\/signature-1\/000000\/0-10-[0-9a-f]{32}$/)
  expect(second).toMatch(/\/000000\/10-20-[0-9a-f]{32}$/)
  expect(third).toMatch(/\/000001\/20-25-[0-9a-f]{32}$/)
})

test('appended rows leave the chunks before them valid', () => {
  fc.assert(
    fc.property(littleSteps, rowCount, rowCount, (steps, rows, more) => {
      const before = chunksOf(littlePlan(steps, rows), identitiesOf(rows))
      const after = chunksOf(littlePlan(steps, rows + more), identitiesOf(rows + more))
      const kept = new Set(keysOf(after))
      const plan = littlePlan(steps, rows)
      const lost = before.filter(({ key }) => !kept.has(key))
      // Only a batch that the end of the source cut short grows, and what is made of it.
      const cut = behind(plan, before, ({ step, range }) => {
        const whole = plan.steps[step]?.batchSize ?? 1
        const shardEnd = Math.ceil(range.to / plan.shardSize) * plan.shardSize
        return range.to === rows && range.to < Math.min(range.from + whole, shardEnd)
      })
      expect(lost).toEqual(cut)
    }),
  )
})

test('a changed row changes the chunks over it and what is made of them, no others', () => {
  fc.assert(
    fc.property(littleSteps, rowCount, fc.nat(), (steps, rows, pick) => {
      const plan = littlePlan(steps, rows)
      const position = pick % rows
      const before = chunksOf(plan, identitiesOf(rows))
      const after = chunksOf(plan, identitiesOf(rows).with(position, 'edited'))
      const readsSource = (step: number) => plan.steps[step]?.after.includes(0) === true
      expect(changed(before, after)).toEqual(
        behind(
          plan,
          after,
          ({ step, range }) => readsSource(step) && range.from <= position && position < range.to,
        ),
      )
    }),
  )
})

test('an edited step changes its own chunks and what follows, not what is before or beside it', () => {
  fc.assert(
    fc.property(littleSteps, rowCount, fc.nat(), (steps, rows, pick) => {
      const edited = pick % steps.length
      const plan = littlePlan(steps, rows)
      const other = littlePlan(
        steps.map((step, index) => (index === edited ? { ...step, signature: 'edited' } : step)),
        rows,
      )
      const after = chunksOf(other, identitiesOf(rows))
      expect(changed(chunksOf(plan, identitiesOf(rows)), after)).toEqual(
        behind(other, after, ({ step }) => step === edited + 1),
      )
    }),
  )
})

test('another batch size keeps the chunks before the step', () => {
  const steps = [
    { batchSize: 5, after: [0] },
    { batchSize: 5, after: [1] },
    { batchSize: 5, after: [2] },
  ]
  const resized = [steps[0], { batchSize: 10, after: [1] }, steps[2]].filter((s) => s !== undefined)
  const before = chunksOf(littlePlan(steps, 20), identitiesOf(20))
  const after = chunksOf(littlePlan(resized, 20), identitiesOf(20))
  expect(new Set(changed(before, after).map(({ step }) => step))).toEqual(new Set([2, 3]))
})

test('another epoch, seed or name of a step changes every chunk', () => {
  const steps = [{ batchSize: 7, after: [0] }]
  const before = chunksOf(littlePlan(steps, 30), identitiesOf(30))
  for (const others of [{ epoch: 1 }, { seed: 1 }]) {
    const after = chunksOf(littlePlan(steps, 30, others), identitiesOf(30))
    expect(changed(before, after)).toEqual(after)
  }
  const plan = littlePlan(steps, 30)
  const renamed = {
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, name: `${step.name}-x` })),
  }
  expect(changed(before, chunksOf(renamed, identitiesOf(30)))).toHaveLength(before.length)
})

test('rows that change places change the chunks over them', () => {
  const plan = littlePlan([{ batchSize: 5, after: [0] }], 20)
  const swapped = identitiesOf(20).with(0, 'row-1').with(1, 'row-0')
  const after = chunksOf(plan, swapped)
  const found = changed(chunksOf(plan, identitiesOf(20)), after)
  expect(found.map(({ range }) => range)).toEqual([{ from: 0, to: 5 }])
})

test('branches in another order give a join another key', () => {
  const steps = [
    { batchSize: 5, after: [0] },
    { batchSize: 5, after: [0] },
  ]
  const joined = (after: number[]) =>
    chunksOf(littlePlan([...steps, { batchSize: 5, after }], 5), identitiesOf(5)).at(-1)?.key
  expect(joined([1, 2])).not.toBe(joined([2, 1]))
})

test('a retry number changes the chunk over its row and what is made of it, no other', () => {
  const steps = [
    { batchSize: 5, after: [0] },
    { batchSize: 10, after: [1] },
    { batchSize: 5, after: [0] },
  ]
  const plan = littlePlan(steps, 20)
  const keysWith = (...identities: string[]) => {
    const numbers = countRetries([{ run: 'run.r2', identities }], false)
    const keys = littleKeys(plan, 0, identitiesOf(20), [undefined, numbers])
    return [1, 2, 3].map((step) =>
      Array.from({ length: step === 2 ? 2 : 4 }, (_, batch) => keys.chunkKey(step, batch)),
    )
  }
  const before = keysWith()
  const places = (after: string[][]) =>
    after.map((keys, step) =>
      keys.flatMap((key, batch) => (key === before[step]?.[batch] ? [] : [batch])),
    )
  expect(places(keysWith('row-7'))).toEqual([[1], [0], []])
  expect(places(keysWith('row-16.0.3'))).toEqual([[3], [1], []])
  expect(places(keysWith('another'))).toEqual([[], [], []])
})
