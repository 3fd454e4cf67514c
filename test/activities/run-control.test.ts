import { expect, test } from 'vitest'

import { readControl, takeControl, writeControl } from '../../activities/run-control.ts'
import { useEmptyStore } from './empty-store.ts'

const store = useEmptyStore()
const going = async () => true
const ended = async () => false

test('a new execution keeps what the run was set to, but for what its own request sets', async () => {
  const settings = {
    budget: { usd: 1, tokens: 9_000 },
    limits: { draft: { maxConcurrency: 2 } },
  }
  await takeControl(store(), { run: 'run', execution: 'first' }, settings, going)
  const taken = await takeControl(
    store(),
    { run: 'run', execution: 'second' },
    { budget: { usd: 3 }, maxRejected: 5 },
    going,
  )
  expect(taken.settings).toEqual({
    budget: { usd: 3, tokens: 9_000 },
    maxRejected: 5,
    limits: { draft: { maxConcurrency: 2 } },
  })
  expect((await readControl(store(), 'run'))?.control).toEqual(taken)
})

test('an execution that has ended takes nothing from the one that runs', async () => {
  await takeControl(store(), { run: 'run', execution: 'second' }, {}, going)
  await expect(
    takeControl(store(), { run: 'run', execution: 'first' }, {}, ended),
  ).rejects.toMatchObject({ code: 'run-superseded' })
  expect((await readControl(store(), 'run'))?.control.execution).toBe('second')
})

test('an execution that takes control again keeps what was told it meanwhile', async () => {
  const ref = { run: 'run', execution: 'first' }
  const taken = await takeControl(store(), ref, {}, going)
  await writeControl(store(), 'run', { ...taken, revision: 1, paused: 'Somebody paused it.' })
  expect(await takeControl(store(), ref, {}, going)).toMatchObject({
    paused: 'Somebody paused it.',
  })
})

test('a write that comes late, or for another execution, changes nothing', async () => {
  const taken = await takeControl(store(), { run: 'run', execution: 'first' }, {}, going)
  const resumed = { ...taken, revision: 2, generation: 1 }
  await writeControl(store(), 'run', resumed)
  await writeControl(store(), 'run', { ...taken, revision: 1, paused: 'Somebody paused it.' })
  expect((await readControl(store(), 'run'))?.control).toEqual(resumed)
  await expect(
    writeControl(store(), 'run', { ...taken, execution: 'other', revision: 3 }),
  ).rejects.toMatchObject({ code: 'run-superseded' })
})
