import { expect, test } from 'vitest'

import { AnswerCount, createAnswers } from '../../activities/answers.ts'
import type { Answers } from '../../activities/answers.ts'
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
  const get = async (answers: Answers, name: string) =>
    await one(answers, name, async () => {
      asked.push(name)
      return entry(name)
    })
  await get(createAnswers(first), 'a')
  await first.close()
  const second = await openJournal(store(), 'kept')
  const answers = createAnswers(second)
  expect(await get(answers, 'a')).toEqual(entry('a'))
  await get(answers, 'b')
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
  const got = await Promise.all([1, 2, 3].map(() => one(answers, 'c', ask)))
  expect(got.map(({ place }) => place)).toEqual(Array(3).fill('generate/c/0/0'))
  expect(asked).toBe(1)
  await journal.close()
})

test('where one of equal requests is called off, the next one asks', async () => {
  const journal = await openJournal(store(), 'called-off')
  const answers = createAnswers(journal)
  const failing = one(answers, 'd', async () => {
    throw new Error('called off')
  })
  const waiting = one(answers, 'd', async () => entry('d'))
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
  await Promise.all(names.map((name) => one(answers, name, async () => entry(name))))
  expect(lookedUp).toEqual([50])
  await journal.close()
})

test('of several requests those are asked together that are not known', async () => {
  const journal = await openJournal(store(), 'several')
  const answers = createAnswers(journal)
  await one(answers, 'g', async () => entry('g'))
  const names = ['f', 'g', 'h', 'h']
  const asked: string[][] = []
  const got = answers.get(
    names.map((name) => entry(name)),
    (missing) => {
      asked.push(missing.map((index) => names[index] ?? ''))
      return missing.map(async (index) => entry(names[index] ?? ''))
    },
  )
  expect((await Promise.all(got)).map(({ hash }) => hash)).toEqual(
    names.map((name) => entry(name).hash),
  )
  expect(asked).toEqual([['f', 'h']])
  await journal.close()
})

test('of several requests that are asked together one may fail alone', async () => {
  const journal = await openJournal(store(), 'one-fails')
  const answers = createAnswers(journal)
  const names = ['i', 'j']
  const [first, second] = answers.get(
    names.map((name) => entry(name)),
    () => [Promise.reject(new Error('too long')), Promise.resolve(entry('j'))],
  )
  await expect(first).rejects.toThrow('too long')
  expect(await second).toEqual(entry('j'))
  await journal.close()
})

async function one(
  answers: Answers,
  name: string,
  ask: () => Promise<JournalEntry>,
): Promise<JournalEntry> {
  const [answer] = answers.get([entry(name)], () => [ask()])
  return await answer!
}

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
    furtherAnswers: 0,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    costNanoUsd: 7,
    unpricedCalls: 1,
  })
})
