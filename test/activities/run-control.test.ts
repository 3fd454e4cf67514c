import { expect, test } from 'vitest'

import { RunControls, takeControl } from '../../activities/run-control.ts'
import { RetortError } from '../../src/core/errors.ts'
import { useEmptyStore } from './empty-store.ts'

const store = useEmptyStore()

test('calls start for the execution that took control last, and for no other', async () => {
  const controls = new RunControls(store())
  await takeControl(store(), 'run', 'first')
  await takeControl(store(), 'run', 'second')
  const [first, second] = ['first', 'second'].map((execution) => controls.enter('run', execution))
  await expect(first?.pass()).rejects.toMatchObject({ code: 'run-superseded' })
  await expect(second?.pass()).resolves.toBeUndefined()
  first?.leave()
  second?.leave()
})

test('a batch that begins after an execution was stopped makes no call, and another execution does', async () => {
  const controls = new RunControls(store())
  const refused = new RetortError('authentication', 'The key is refused.')
  const early = controls.enter('run', 'first')
  early.stop(refused)
  early.leave()
  const late = controls.enter('run', 'first')
  await expect(late.pass()).rejects.toBe(refused)
  late.leave()
  const other = controls.enter('run', 'second')
  await expect(other.pass()).resolves.toBeUndefined()
  other.leave()
})
