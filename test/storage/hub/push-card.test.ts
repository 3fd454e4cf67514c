import { expect, test } from 'vitest'

import { cardWithSplit } from '../../../src/storage/hub/push-card.ts'
import type { CardPush } from '../../../src/storage/hub/push-card.ts'

function cardOf(before: string | undefined, changes: Partial<CardPush> = {}): string {
  return cardWithSplit(before, {
    repoId: 'acme/answers',
    config: 'default',
    split: 'train',
    others: [],
    hasChanged: true,
    ...changes,
  })
}

const entry = (split: string, path: string) => `      - split: ${split}\n        path: ${path}\n`

test('a dataset without a card gets one that names its splits, also those that were there', () => {
  const others = ['data/test-00000-of-00001.parquet', 'judged/train-00000-of-00001.parquet']
  expect(cardOf(undefined, { others: others.slice(0, 1) })).toBe(
    `---\nconfigs:\n  - config_name: default\n    data_files:\n      - split: test\n        path:\n          - data/test-00000-of-00001.parquet\n${entry('train', 'data/train-*')}---\n\n# answers\n`,
  )
  expect(cardOf(undefined, { others })).toContain('config_name: judged')
})

test('a card by which the files are found stays as it is', () => {
  const plain = '# Mine\n\nText.\n'
  expect(cardOf(plain)).toBe(plain)
  const known = `---\nlicense: mit   # ours\nconfigs:\n  - config_name: default\n    data_files:\n${entry('train', 'data/train-*')}---\n# Mine\n`
  expect(cardOf(known)).toBe(known)
})

test('a card keeps its words where a split or config is added to it', () => {
  const before = `---\n# A comment.\nlicense: mit\nconfigs:\n  - config_name: default\n    data_files:\n${entry('train', 'data/train-*')}---\n# Mine\n\nText.\n`
  const after = cardOf(before, { split: 'test' })
  expect(after).toBe(
    before.replace(
      entry('train', 'data/train-*'),
      entry('train', 'data/train-*') + entry('test', 'data/test-*'),
    ),
  )
  const judged = cardOf(before, { config: 'judged' })
  expect(judged).toContain(
    `  - config_name: judged\n    data_files:\n${entry('train', 'judged/train-*')}---\n# Mine\n\nText.\n`,
  )
  expect(judged).toContain('# A comment.\nlicense: mit\n')
})

test('a config of its own needs a block, which names what was there too', () => {
  const others = ['train.jsonl']
  const after = cardOf('# Mine\n', { config: 'judged', others })
  expect(after).toContain('config_name: default')
  expect(after).toContain('- train.jsonl')
  expect(after).toContain('config_name: judged')
  expect(after.endsWith('---\n# Mine\n')).toBe(true)
})

test('a split that the card finds elsewhere is found where it was pushed to', () => {
  const before = '---\nconfigs:\n  - config_name: default\n    data_files: old/*.jsonl\n---\n'
  expect(cardOf(before)).toContain(entry('train', 'data/train-*'))
  expect(cardOf(before)).not.toContain('old')
  expect(cardOf(before, { split: 'test' })).toContain(entry('train', 'old/*.jsonl'))
})

test('columns and counts that another tool noted go where the rows changed', () => {
  const one = '---\nlicense: mit\ndataset_info:\n  features: []\n---\n'
  expect(cardOf(one)).toBe('---\nlicense: mit\n---\n')
  expect(cardOf(one, { hasChanged: false })).toBe(one)
  const several =
    '---\ndataset_info:\n  - config_name: default\n    features: []\n  - config_name: judged\n    features: []\n---\n'
  expect(cardOf(several)).toBe(
    '---\ndataset_info:\n  - config_name: judged\n    features: []\n---\n',
  )
})

test('a card whose YAML cannot be read is left alone', () => {
  expect(() => cardOf('---\na: [\n---\n')).toThrow(
    expect.objectContaining({
      code: 'file-malformed',
      message: expect.stringContaining("Dataset 'acme/answers' has a card (README.md)"),
    }),
  )
})
