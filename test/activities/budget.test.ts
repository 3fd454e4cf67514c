import { expect, onTestFinished, test } from 'vitest'

import { RunBudget } from '../../activities/budget.ts'
import type { ReserveOptions, RunBudgetOptions } from '../../activities/budget.ts'
import type { Budget } from '../../src/core/run-settings.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Clock } from '../../src/core/clock.ts'
import { noAmount, sumOf } from '../../src/storage/budget/amount.ts'
import type { Amount } from '../../src/storage/budget/amount.ts'
import { readLedger } from '../../src/storage/budget/ledger-store.ts'
import { budgetKey } from '../../src/storage/budget/ledger.ts'
import { rebuildBudget } from '../../src/storage/budget/rebuild-budget.ts'
import { createFileStore } from '../../src/storage/file-store.ts'
import { identityOf } from '../../src/storage/process-identity.ts'
import type { Store } from '../../src/storage/store.ts'
import { rejectionOf } from '../core/error-of.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { testFolder } from '../storage/parquet/part-folder.ts'

const run = 'monday'
const worst: Amount = { nanoUsd: 100, tokens: 100 }
const used: Amount = { nanoUsd: 30, tokens: 30 }

/** A store that counts how often the ledger is written. */
async function countingStore(): Promise<{ store: Store; writes: () => number }> {
  const store = createFileStore(await testFolder())
  let writes = 0
  const compareAndSet: Store['compareAndSet'] = async (...args) => {
    writes++
    return await store.compareAndSet(...args)
  }
  return { store: { ...bound(store), compareAndSet }, writes: () => writes }
}

/** The store's methods, good without it. */
function bound(store: Store): Store {
  const { uri } = store
  return {
    uri,
    get: (key) => store.get(key),
    getVersioned: (key) => store.getVersioned(key),
    getRange: (...args) => store.getRange(...args),
    read: (key) => store.read(key),
    head: (key) => store.head(key),
    putIfAbsent: (...args) => store.putIfAbsent(...args),
    writeIfAbsent: (...args) => store.writeIfAbsent(...args),
    compareAndSet: (...args) => store.compareAndSet(...args),
    put: (...args) => store.put(...args),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
  }
}

const swiftness = 10

/** Time that passes ten times as fast. */
const swiftClock: Clock = {
  now: () => performance.now() * swiftness,
  after: (milliseconds, callback) => systemClock.after(milliseconds / swiftness, callback),
}

function budgetIn(store: Store, options: Partial<RunBudgetOptions> = {}): RunBudget {
  const budget = new RunBudget({
    store,
    run,
    usage: async () => ({}),
    holder: identityOf(),
    clock: swiftClock,
    ...options,
  })
  // Nobody writes into a folder that is being removed.
  onTestFinished(() => budget.close())
  return budget
}

function under(budget: Budget | undefined, changes: Partial<ReserveOptions> = {}): ReserveOptions {
  return {
    budget: () => budget,
    signal: new AbortController().signal,
    deadline: Number.POSITIVE_INFINITY,
    ...changes,
  }
}

/** Makes so many calls, some at once, until all are made or the budget is spent; gives what they used. */
async function makeCalls(
  budget: RunBudget,
  count: number,
  atOnce: number,
  options: ReserveOptions,
): Promise<{ used: Amount; error: unknown }> {
  let total = noAmount
  let left = count
  let error: unknown
  const next = async () => {
    while (left > 0 && error === undefined) {
      left--
      try {
        const reservation = await budget.reserve(worst, options)
        await new Promise((resolve) => setImmediate(resolve))
        total = sumOf([total, used])
        reservation.settle(used)
      } catch (reason) {
        error = reason
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, next))
  return { used: total, error }
}

test('workers that share a budget stop just under it, together, in few writes', async () => {
  const { store, writes } = await countingStore()
  const cap = 30 * 3_000
  const workers = [budgetIn(store), budgetIn(store), budgetIn(store)]
  const startedAt = swiftClock.now()
  const ends = await Promise.all(
    workers.map((worker) => makeCalls(worker, 5_000, 20, under({ tokens: cap }))),
  )
  const seconds = (swiftClock.now() - startedAt) / 1_000
  const { tokens } = sumOf(ends.map((end) => end.used))
  expect(tokens).toBeLessThanOrEqual(cap)
  expect(tokens).toBeGreaterThan(cap - worst.tokens - used.tokens)
  for (const { error } of ends) expect(error).toMatchObject({ code: 'budget' })
  expect(writes()).toBeLessThan(workers.length * (4 + 2 * seconds) * 2)
})

test('where the budget suffices for all calls of all workers, none is stopped', async () => {
  const { store } = await countingStore()
  const cap = 30 * 600 + worst.tokens
  const workers = [budgetIn(store), budgetIn(store)]
  const ends = await Promise.all(
    workers.map((worker) => makeCalls(worker, 300, 10, under({ tokens: cap }))),
  )
  expect(ends.map(({ error }) => error)).toEqual([undefined, undefined])
  await Promise.all(workers.map((worker) => worker.close()))
  const ledger = await readLedger(store, run)
  for (const { drawn, spent } of Object.values(ledger?.blocks ?? {})) expect(drawn).toEqual(spent)
})

test('a worker without calls puts back what it has drawn ahead', async () => {
  const { store } = await countingStore()
  const drawn = async () => {
    const [block] = Object.values((await readLedger(store, run))?.blocks ?? {})
    return block?.drawn.tokens
  }
  const reservation = await budgetIn(store).reserve(worst, under({ tokens: 10_000 }))
  expect(await drawn()).toBe(worst.tokens)
  reservation.settle(used)
  await waitUntil(async () => (await drawn()) === used.tokens, 'what is left of the block')
})

test('a run without a budget stores nothing', async () => {
  const { store } = await countingStore()
  const budget = budgetIn(store)
  expect((await makeCalls(budget, 50, 5, under(undefined))).used.tokens).toBe(1_500)
  await budget.close()
  expect(await store.head(budgetKey(run))).toBeUndefined()
})

test('a budget that is set in the middle counts what was spent before, here and elsewhere', async () => {
  const { store } = await countingStore()
  const elsewhere = { nanoUsd: 0, tokens: 500 }
  const block = await (async () => {
    const budget = budgetIn(store, { usage: async () => ({ other: elsewhere, '': elsewhere }) })
    await makeCalls(budget, 20, 5, under(undefined))
    const end = await makeCalls(budget, 100, 5, under({ tokens: 2_000 }))
    // 500 and 500 elsewhere and 600 here leave 400: ten calls, then there is no room for a worst case.
    expect(end.used.tokens).toBe(330)
    return end.error
  })()
  expect(block).toMatchObject({
    code: 'budget',
    message: expect.stringContaining('has spent 1,930 tokens of its budget of 2,000 tokens'),
  })
})

test('calls that wait go on when the budget is raised', async () => {
  const { store } = await countingStore()
  const budget = budgetIn(store)
  let settings: Budget = { tokens: 150 }
  const options = { ...under(undefined), budget: () => settings }
  const first = await budget.reserve(worst, options)
  let isReserved = false
  const second = budget.reserve(worst, options).then(() => (isReserved = true))
  await waitUntil(async () => {
    const ledger = await readLedger(store, run)
    return Object.values(ledger?.blocks ?? {}).some(({ isWaiting }) => isWaiting)
  }, 'a waiting call')
  expect(isReserved).toBe(false)
  settings = { tokens: 250 }
  await second
  first.release()
})

test('a call that failed costs nothing, and a reservation counts once', async () => {
  const { store } = await countingStore()
  const budget = budgetIn(store)
  const options = under({ tokens: 100 })
  for (let attempt = 0; attempt < 5; attempt++) (await budget.reserve(worst, options)).release()
  const reservation = await budget.reserve(worst, options)
  reservation.settle({ nanoUsd: 0, tokens: 100 })
  reservation.release()
  reservation.settle(used)
  const { message } = await rejectionOf(budget.reserve(worst, options))
  expect(message).toContain('has spent 100 tokens of its budget of 100 tokens')
})

test('money that is spent is told in money, with the setting that lets the run go on', async () => {
  const { store } = await countingStore()
  const budget = budgetIn(store)
  const call = { nanoUsd: 400_000_000, tokens: 1 }
  const options = under({ usd: 1, tokens: 1_000 })
  for (let made = 0; made < 2; made++) (await budget.reserve(call, options)).settle(call)
  const error = await rejectionOf(budget.reserve(call, options))
  expect(error.message).toBe(
    "Run 'monday' has spent $0.80 of its budget of $1.00, and its next call may take $0.40; `retort set monday budget.usd=…`, or the same command with a higher --budget-usd, lets it go on.",
  )
})

test('a call that waits for others ends with its batch', async () => {
  const { store } = await countingStore()
  const budget = budgetIn(store)
  const batch = new AbortController()
  await budget.reserve(worst, under({ tokens: 100 }))
  const waiting = budget.reserve(worst, under({ tokens: 100 }, { signal: batch.signal }))
  batch.abort(new Error('The batch is over.'))
  await expect(waiting).rejects.toThrow('The batch is over.')
  const late = budget.reserve(worst, under({ tokens: 100 }, { deadline: swiftClock.now() + 10 }))
  expect((await rejectionOf(late)).code).toBe('run-paused')
})

test('what a dead worker held back counts for the next execution, too, until the budget is raised', async () => {
  const { store } = await countingStore()
  const gone = { ...identityOf(), start: 'long ago' }
  let isDead = false
  const clock: Clock = {
    ...swiftClock,
    after: (milliseconds, callback) => swiftClock.after(milliseconds, () => isDead || callback()),
  }
  const dead = budgetIn(store, { holder: gone, clock })
  const options = under({ tokens: 1_000 })
  const [{ block, settle }] = await Promise.all([
    dead.reserve(worst, options),
    dead.reserve(worst, options),
  ])
  settle(used)
  isDead = true
  const usage = async () => ({ [block]: used })
  const before = await rebuildBudget(store, run, usage)
  const held = before?.blocks[block]?.drawn.tokens ?? 0
  expect(held).toBeGreaterThanOrEqual(200)
  const next = budgetIn(store, { usage })
  const end = await makeCalls(next, 100, 5, options)
  expect(end.used.tokens).toBeLessThanOrEqual(1_000 - held)
  expect(String(end.error)).toContain('stays set aside for a worker that is gone')
  const raised = await makeCalls(next, 100, 5, under({ tokens: 1_001 }))
  expect(end.used.tokens + raised.used.tokens).toBeLessThanOrEqual(1_001 - used.tokens)
  expect(raised.used.tokens).toBeGreaterThan(0)
})

test('a block that a worker put back before it went is closed when the next execution begins', async () => {
  const { store } = await countingStore()
  const first = budgetIn(store, { holder: { ...identityOf(), start: 'long ago' } })
  const { block, settle } = await first.reserve(worst, under({ tokens: 1_000 }))
  settle(used)
  await first.close()
  const ledger = await rebuildBudget(store, run, async () => ({ [block]: used, other: used }))
  expect(ledger?.blocks).toEqual({})
  expect(ledger?.closed).toEqual({ [block]: used, other: used })
})

test('a run without a ledger needs none rebuilt', async () => {
  const { store } = await countingStore()
  expect(await rebuildBudget(store, run, async () => ({ a: used }))).toBeUndefined()
  expect(await store.head(budgetKey(run))).toBeUndefined()
})
