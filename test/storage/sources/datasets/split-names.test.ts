import { expect, test } from 'vitest'

import { configsByName } from '../../../../src/storage/sources/datasets/split-names.ts'

function namesOf(...paths: readonly string[]) {
  return Object.fromEntries(
    configsByName(paths).map(({ name, splits }) => [
      name,
      Object.fromEntries([...splits].map(([split, { paths: found }]) => [split, found])),
    ]),
  )
}

test.each([
  ['train.jsonl', 'default', 'train'],
  ['data/train-00000-of-00002.parquet', 'default', 'train'],
  ['data/train-00000-of-00002-0a1b2c3d4e5f6a7b.parquet', 'default', 'train'],
  ['train/0000.parquet', 'default', 'train'],
  ['training/part-00000-of-00002.parquet', 'default', 'train'],
  ['data/train/a.csv.gz', 'default', 'train'],
  ['dev.json', 'default', 'validation'],
  ['my_test_2.csv', 'default', 'test'],
  ['data/train_sft-00000-of-00001.parquet', 'default', 'train_sft'],
  ['en/train-00000-of-00001.parquet', 'en', 'train'],
  ['data/en/validation.jsonl', 'en', 'validation'],
  ['a/b/eval/0.parquet', 'a/b', 'test'],
  ['default/partial-train/0000.parquet', 'default', 'train'],
  ['test-questions/train.jsonl', 'test-questions', 'train'],
])('the name %s is of config %s and split %s', (path, config, split) => {
  expect(namesOf(path)).toEqual({ [config]: { [split]: [path] } })
})

test('where names tell splits, files whose names tell none are left out', () => {
  expect(namesOf('train.jsonl', 'extra.jsonl', 'notes/a.jsonl')).toEqual({
    default: { train: ['train.jsonl'] },
  })
})

test('where no name tells a split, all files are train', () => {
  expect(namesOf('b.jsonl', 'some/a.jsonl', 'part-00000-of-00001.jsonl')).toEqual({
    default: { train: ['b.jsonl', 'some/a.jsonl', 'part-00000-of-00001.jsonl'] },
  })
  expect(namesOf()).toEqual({})
})
