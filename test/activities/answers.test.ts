import { expect, test } from 'vitest'

import { AnswerCount, createAnswers } from '../../activities/answers.ts'
import type { JournalEntry } from '../../src/storage/journal/journal.ts'
import { openJournal } from '../../src/storage/journal/open-journal.ts'
import { useEmptyStore } from './empty-store.ts'

const store = useEmptyStore()

function entry(hash: string, place = `generate/${hash}/0/0`, run = 'one'): JournalEntry {
  return {
    hash: hash.padStart(32, '0'),
    answer: {
      choices: [{ text: hash, finishReason: 'stop' }],
      usage: { inputTokens: 5, outputTokens: 2 },
      model: 'm',
    },
    run,
    place,
    position: 0,
    costNanoUsd: 7,
    budgetBlock: null,
  }
}

test('an answer that the journal has is not asked for, in whichever process it was given', async () => {
  const first = await openJournal(store(), 'kept')
  const asked: string[] = []
  const ask = (hash: string) => async () => {
    asked.push(hash)
    return entry(hash)
  }
  const { hash } = entry('a')
  await createAnswers(first).get(hash, ask('a'))
  await first.close()
  const second = await openJournal(store(), 'kept')
  const answers = createAnswers(second)
  expect(await answers.get(hash, ask('a'))).toEqual(entry('a'))
  await answers.get(entry('b').hash, ask('b'))
  expect(asked).toEqual(['a', 'b'])
  await second.close()
})

test('equal requests at one moment are asked for once', async () => {
  const journal = await openJournal(store(), 'at-once')
  const answers = createAnswers(journal)
  let asked = 0
  const ask = async () => {
    asked++
    await new Promise((resolve) => setImmediate(resolve))
    return entry('c')
  }
  const got = await Promise.all([1, 2, 3].map(() => answers.get(entry('c').hash, ask)))
  expect(got.map(({ place }) => place)).toEqual(Array(3).fill('generate/c/0/0'))
  expect(asked).toBe(1)
  await journal.close()
})

test('where one of equal requests is called off, the next one asks', async () => {
  const journal = await openJournal(store(), 'called-off')
  const answers = createAnswers(journal)
  const failing = answers.get(entry('d').hash, async () => {
    throw new Error('called off')
  })
  const waiting = answers.get(entry('d').hash, async () => entry('d'))
  await expect(failing).rejects.toThrow('called off')
  expect(await waiting).toEqual(entry('d'))
  await journal.close()
})

test('requests of a batch are looked up together', async () => {
  const journal = await openJournal(store(), 'together')
  const lookedUp: number[] = []
  const find: typeof journal.find = async (hashes) => {
    lookedUp.push(hashes.length)
    return await journal.find(hashes)
  }
  const answers = createAnswers({ ...boundTo(journal), find })
  const names = Array.from({ length: 50 }, (_, index) => `e${index}`)
  await Promise.all(names.map((name) => answers.get(entry(name).hash, async () => entry(name))))
  expect(lookedUp).toEqual([50])
  await journal.close()
})

function boundTo(journal: Awaited<ReturnType<typeof openJournal>>) {
  return {
    refresh: () => journal.refresh(),
    find: (hashes: readonly string[]) => journal.find(hashes),
    add: (one: JournalEntry) => journal.add(one),
    ready: () => journal.ready(),
    flush: () => journal.flush(),
    stats: () => journal.stats(),
    close: () => journal.close(),
  }
}

test('an answer counts as a call where it was paid for this place, as shared or reused elsewhere', () => {
  const count = new AnswerCount('one')
  count.use('generate/a/0/0', entry('a'))
  count.use('generate/b/0/0', entry('a'))
  count.use('generate/c/0/0', entry('c', 'generate/c/0/0', 'another'))
  count.use('generate/d/0/0', { ...entry('d'), costNanoUsd: null })
  expect(count.figures).toEqual({
    calls: 2,
    reusedAnswers: 1,
    sharedAnswers: 1,
    inputTokens: 10,
    outputTokens: 4,
    costNanoUsd: 7,
    unpricedCalls: 1,
  })
})
