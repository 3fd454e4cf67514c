import { expect, test } from 'vitest'
import { parse } from 'yaml'

import type { JsonObject } from '../../../src/core/json.ts'
import { datasetCard } from '../../../src/storage/dataset/dataset-card.ts'
import type { DatasetManifest } from '../../../src/storage/dataset/dataset-manifest.ts'
import { describeLeaf } from '../../../src/storage/dataset/dataset-manifest.ts'
import { exampleColumns, exampleManifest } from './example-dataset.ts'

const base = 'datasets/answers/run-1'

function filledManifest(changes: Partial<DatasetManifest> = {}): DatasetManifest {
  return exampleManifest({
    leaves: [
      describeLeaf('answer', exampleColumns, [
        { key: `${base}/answer/fff.parquet`, rows: 3000, bytes: 10 },
        { key: `${base}/answer/000.parquet`, rows: 2000, bytes: 10 },
      ]),
      describeLeaf('judge', { 'a|b': { type: 'string' } }, [
        { key: `${base}/judge/abc.parquet`, rows: 1, bytes: 10 },
      ]),
    ],
    rejected: {
      rows: 2,
      parts: [{ key: `${base}/rejected/def.parquet`, rows: 2, bytes: 10 }],
      byCode: { refusal: 2 },
    },
    ...changes,
  })
}

function frontMatterOf(card: string): unknown {
  return parse(card.split('---\n')[1] ?? '')
}

test('the front matter names the files of each leaf in the order of their rows', () => {
  expect(frontMatterOf(datasetCard(filledManifest()))).toEqual({
    pretty_name: 'answers',
    size_categories: ['1K<n<10K'],
    tags: ['synthetic', 'retort'],
    configs: [
      {
        config_name: 'answer',
        default: true,
        data_files: [{ split: 'train', path: ['answer/fff.parquet', 'answer/000.parquet'] }],
      },
      { config_name: 'judge', data_files: [{ split: 'train', path: ['judge/abc.parquet'] }] },
      { config_name: 'rejected', data_files: [{ split: 'train', path: ['rejected/def.parquet'] }] },
    ],
  })
})

test('the text tells steps, models, columns, counts, tokens and papers', () => {
  const card = datasetCard(filledManifest())
  for (const text of [
    '| `answer` | `TextGeneration` | `gpt-4o-mini` (OpenAILLM) |',
    '| `load` | `LoadDataFromDicts` | – |',
    '| `number` | `BIGINT` |',
    '| `a\\|b` | `VARCHAR` |',
    '5,000 rows in 2 Parquet files',
    '| `refusal` | 2 |',
    '1,234 in, 567 out',
    'https://arxiv.org/abs/2312.02120',
    "read_parquet('answer/*.parquet')",
    'text that holds JSON',
  ])
    expect(card).toContain(text)
  expect(card).not.toContain('Not real answers')
})

test('simulated answers are told before anything else', () => {
  const models = [{ step: 'answer', type: 'SimulatedLLM', model: 'simulated', simulated: true }]
  const card = datasetCard(filledManifest({ models, simulated: true }))
  expect(card).toMatch(/# answers\n\n> \*\*Not real answers\.\*\* .*`answer`/)
  expect(frontMatterOf(card)).toMatchObject({ tags: ['synthetic', 'retort', 'simulated'] })
})

test('the card tells how each model was asked and what it costs', () => {
  const asked = { step: 'answer', type: 'OpenAILLM', model: 'gpt-4o-mini', simulated: false }
  const prices = {
    inputUsdPerMillion: 0.15,
    outputUsdPerMillion: 0.6,
    cachedInputUsdPerMillion: 0.075,
  }
  const card = datasetCard(filledManifest({ models: [{ ...asked, mode: 'batch', prices }] }))
  expect(card).toContain('| in batch jobs | 0.15 in, 0.075 cached, 0.6 out |')
  expect(datasetCard(filledManifest({ models: [asked] }))).toContain('| call by call | not known |')
})

test('the card shows the graph of the pipeline, whatever names are in it', () => {
  const spec: JsonObject = {
    version: 1,
    name: 'answers',
    steps: [
      { name: 'load', type: 'LoadDataFromDicts' },
      { name: 'answer', type: 'TextGeneration', after: ['load'] },
    ],
  }
  const model = 'org/```"model"'
  const models = [{ step: 'answer', type: 'OpenAILLM', model, simulated: false }]
  const card = datasetCard(filledManifest({ spec, models }))
  expect(card).toContain(`## How it was made

\`\`\`mermaid
flowchart TD
  s0[/"load<br/>LoadDataFromDicts"/]
  s1(["answer<br/>TextGeneration<br/>org/#96;#96;#96;#34;model#34;"])
  d0[("answer<br/>dataset")]
  s0 --> s1
  s1 --> d0
\`\`\`

| Step | Type | Model |`)
  expect(datasetCard(filledManifest())).not.toContain('mermaid')
})

test('the kinds of steps that the manifest tells give their shapes', () => {
  const manifest = filledManifest({
    spec: {
      version: 1,
      name: 'x',
      steps: [
        { name: 'a', type: 'A' },
        { name: 'b', type: 'B', after: ['a'] },
      ],
    },
    steps: [
      { name: 'a', type: 'A', kind: 'generator', signature: 'a' },
      { name: 'b', type: 'B', kind: 'global', signature: 'b' },
    ],
    models: [],
  })
  expect(datasetCard(manifest)).toContain('s1[["b<br/>B"]]')
})

test('a dataset without rows has a card too', () => {
  const card = datasetCard(exampleManifest())
  expect(frontMatterOf(card)).toMatchObject({ size_categories: ['n<1K'] })
  expect(card).not.toContain('configs')
})

test('the card tells what the answers cost, or which model has no known price', () => {
  expect(datasetCard(exampleManifest({ costUsd: 1.5 }))).toContain('| Cost | $1.50 (US) |')
  expect(datasetCard(exampleManifest({ costUsd: null }))).toContain('| Cost | not known |')
  const own = { step: 'answer', type: 'OpenAILLM', model: 'my-own', simulated: false, prices: null }
  expect(datasetCard(exampleManifest({ costUsd: null, models: [own, own] }))).toContain(
    '| Cost | not known: `my-own` has no known price |',
  )
})
