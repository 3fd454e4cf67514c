import { expect, test } from 'vitest'

import { configsOfCard } from '../../../../src/storage/sources/datasets/card-configs.ts'

const paths = [
  'README.md',
  'data/test-00000-of-00001.parquet',
  'data/train-00000-of-00002.parquet',
  'data/train-00001-of-00002.parquet',
  'en/dev.csv',
  'en/train.csv',
  'old/a.jsonl',
]

function configsOf(yaml: string) {
  const configs = configsOfCard(`---\n${yaml}\n---\n# Text`, "Dataset 'acme/seeds'", paths)
  return configs?.map(({ name, isDefault, splits }) => ({
    name,
    isDefault,
    splits: Object.fromEntries([...splits].map(([split, { paths: found }]) => [split, found])),
  }))
}

const [, testFile, first, second] = paths

test('a list of splits with paths, globs or lists of them is read', () => {
  const yaml = `configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: data/train-*
  - split: test
    path: ["data/test-00000-of-00001.parquet", "./old/*.jsonl"]`
  expect(configsOf(yaml)).toEqual([
    {
      name: 'main',
      isDefault: true,
      splits: { train: [first, second], test: [testFile, 'old/a.jsonl'] },
    },
  ])
})

test('paths without a split are train, and a config without a name is the default', () => {
  const splits = (files: string) => configsOf(`configs:\n- data_files: ${files}`)
  const expected = (...found: readonly unknown[]) => [
    { name: 'default', isDefault: false, splits: { train: found } },
  ]
  expect(splits('data/train-*')).toEqual(expected(first, second))
  expect(splits('["old/a.jsonl", "data/train-*", "old/*"]')).toEqual(
    expected('old/a.jsonl', first, second),
  )
  expect(splits('old')).toEqual(expected('old/a.jsonl'))
})

test('a config without files has those that its folder holds, by their names', () => {
  expect(configsOf('configs:\n- config_name: en\n  data_dir: en')?.[0]?.splits).toEqual({
    validation: ['en/dev.csv'],
    train: ['en/train.csv'],
  })
  expect(
    configsOf('configs:\n- config_name: en\n  data_dir: ./en/\n  data_files: "*.csv"')?.[0]?.splits,
  ).toEqual({ train: ['en/dev.csv', 'en/train.csv'] })
})

test('a card without such a block says nothing of configs', () => {
  expect(configsOf('license: mit')).toBeUndefined()
  expect(configsOf('configs: []')).toBeUndefined()
  for (const card of ['# Text', '', '---\n---\n', '---\nconfigs:\n- config_name: a'])
    expect(configsOfCard(card, 'It', paths)).toBeUndefined()
})

test.each([
  ['configs: [', 'begins with YAML that cannot be read'],
  ['configs:\n- main', 'lists a config that is no mapping'],
  ['configs:\n- data_files: 7', "has 'data_files' of config 'default' that are neither paths nor"],
  ['configs:\n- data_files:\n  - path: [1]', "has 'data_files' of config 'default'"],
])('a block that does not hold is one sentence: %j', (yaml, message) => {
  expect(() => configsOf(yaml)).toThrow(
    expect.objectContaining({ code: 'file-malformed', message: expect.stringContaining(message) }),
  )
})
