import { stringify } from 'yaml'

import { toMermaid } from '../../core/graph/mermaid.ts'
import { toGraph } from '../../core/graph/pipeline-graph.ts'
import type { StepSpec } from '../../core/spec.ts'
import { usdText } from '../../core/usd-text.ts'
import { datasetPrefix } from './dataset-keys.ts'
import type { DatasetPart } from '../parquet/write-parquet-part.ts'
import type { DatasetLeaf, DatasetManifest, DatasetModel } from './dataset-manifest.ts'
import { rowsOf, unpricedModels } from './dataset-manifest.ts'

/** Writes a dataset's card: a README.md with the front matter that the Hugging Face Hub reads. */
export function datasetCard(manifest: DatasetManifest): string {
  const sections = [
    `---\n${stringify(frontMatter(manifest), { lineWidth: 0 })}---`,
    `# ${manifest.name}`,
    ...(manifest.simulated ? [simulatedNotice(manifest)] : []),
    summary(manifest),
    makingOf(manifest),
    ...manifest.leaves.map(leafSection),
    ...rejectedSection(manifest),
    reading(manifest),
    ...papersSection(manifest),
  ]
  return `${sections.join('\n\n')}\n`
}

function frontMatter(manifest: DatasetManifest): Readonly<Record<string, unknown>> {
  const sets = manifest.leaves.map(({ name, parts }) => ({ name, parts }))
  // Its columns differ from the leaves', so that the Hub would refuse to read both as one.
  if (manifest.rejected.parts.length > 0 && sets.every(({ name }) => name !== 'rejected'))
    sets.push({ name: 'rejected', parts: manifest.rejected.parts })
  const configs = sets
    .filter(({ parts }) => parts.length > 0)
    .map(({ name, parts }, index) => ({
      config_name: name,
      data_files: [{ split: 'train', path: parts.map((part) => pathOf(manifest, part)) }],
      ...(index === 0 ? { default: true } : {}),
    }))
  return {
    pretty_name: manifest.name,
    size_categories: [sizeCategory(rowsOf(manifest))],
    tags: ['synthetic', 'retort', ...(manifest.simulated ? ['simulated'] : [])],
    ...(configs.length > 0 ? { configs } : {}),
  }
}

function simulatedNotice({ models }: DatasetManifest): string {
  const steps = models.filter((model) => model.simulated).map(({ step }) => code(step))
  return `> **Not real answers.** No language model was asked in ${steps.join(', ') || 'at least one step'}: the answers there are placeholders that show the shape of the data. Do not train on them.`
}

function summary(manifest: DatasetManifest): string {
  const { leaves, rejected, tokens, calls, costUsd, seconds } = manifest
  const { reusedAnswers, sharedAnswers, sourceRows } = manifest
  const facts = [
    ['Version', code(manifest.version)],
    ['Made', `${manifest.createdAt} by run ${code(manifest.run)}`],
    ['Rows', leaves.map((leaf) => `${count(leaf.rows)} in ${code(leaf.name)}`).join(', ') || '0'],
    ...(sourceRows === undefined
      ? []
      : [
          ['Source rows', `${count(sourceRows)}, as many as were needed for so many rows`] as const,
        ]),
    ['Rejected rows', count(rejected.rows)],
    [
      'Model calls',
      `${count(calls)}, and ${count(reusedAnswers)} answers used again, ${count(sharedAnswers)} shared by equal requests`,
    ],
    ['Tokens', tokensText(tokens)],
    ['Cost', costUsd === null ? unknownCost(manifest) : `${usdText(costUsd)} (US)`],
    ['Time', `${count(Math.round(seconds * 10) / 10)} s`],
  ] as const
  return `Rows of this dataset were made by a pipeline of ${plural(manifest.steps.length, 'step')} that ran on Retort ${manifest.retortVersion}.

${table(['What', 'Value'], facts)}`
}

function unknownCost(manifest: DatasetManifest): string {
  const models = unpricedModels(manifest)
  return models.length === 0
    ? 'not known'
    : `not known: ${models.map(code).join(', ')} has no known price`
}

function makingOf(manifest: DatasetManifest): string {
  const { steps, models } = manifest
  const rows = steps.map((step) => [
    code(step.name),
    code(step.type),
    models
      .filter((model) => model.step === step.name)
      .map((model) => `${code(model.model)} (${model.simulated ? 'simulated' : model.type})`)
      .join(', ') || '–',
    models
      .filter((model) => model.step === step.name)
      .map(modeText)
      .join(', ') || '–',
    models
      .filter((model) => model.step === step.name)
      .map(priceText)
      .join(', ') || '–',
  ])
  return `## How it was made

${graphOf(manifest)}${table(['Step', 'Type', 'Model', 'Asked', 'US dollars per million tokens'], rows)}

\`dataset.json\` holds the whole pipeline with its prompts and parameters, the signature of each step and the list of all parts.`
}

function modeText({ simulated, mode }: DatasetModel): string {
  if (simulated) return 'nobody'
  return mode === 'batch' ? 'in batch jobs' : 'call by call'
}

function priceText({ prices }: DatasetModel): string {
  if (prices == null) return 'not known'
  const { inputUsdPerMillion, outputUsdPerMillion, cachedInputUsdPerMillion: cached } = prices
  const cache = cached === undefined ? '' : `, ${cached} cached`
  return `${inputUsdPerMillion} in${cache}, ${outputUsdPerMillion} out`
}

/** The pipeline as a picture; nothing where the manifest names no steps of a spec. */
function graphOf({ spec, steps, models }: DatasetManifest): string {
  // The spec of a manifest is that of a plan, which was parsed.
  const specified = (spec['steps'] ?? []) as unknown as readonly StepSpec[]
  if (specified.length === 0) return ''
  const drawn = specified.map(({ name, type, after, route }) => ({
    name,
    type,
    ...(after === undefined ? {} : { after }),
    ...(route === undefined ? {} : { route }),
    kind: steps.find((step) => step.name === name)?.kind,
    model: models.find(({ step }) => step === name)?.model,
  }))
  return `\`\`\`mermaid
${toMermaid(toGraph(drawn))}\`\`\`

`
}

function leafSection({ name, rows, parts, types }: DatasetLeaf): string {
  const columns = Object.entries(types).map(([column, type]) => [code(column), code(type)])
  return `## Rows of ${code(name)}

${plural(rows, 'row')} in ${plural(parts.length, 'Parquet file')}.

${table(['Column', 'Type'], columns)}`
}

function rejectedSection({ rejected }: DatasetManifest): string[] {
  if (rejected.rows === 0) return []
  const rows = Object.entries(rejected.byCode).map(([reason, number]) => [
    code(reason),
    count(number),
  ])
  return [
    `## Rejected rows

Steps could not make ${plural(rejected.rows, 'row')}. They are kept in \`rejected/\` with the reason, the raw answer and the row as the step got it.

${table(['Code', 'Rows'], rows)}`,
  ]
}

function reading({ name, leaves }: DatasetManifest): string {
  const [leaf] = leaves
  if (leaf === undefined) return '## How to read it\n\nThere are no rows.'
  const hasJson = leaves.some((one) => Object.values(one.types).some((type) => /JSON/.test(type)))
  return `## How to read it

With DuckDB, in this folder:

\`\`\`sql
SELECT * FROM read_parquet('${leaf.name}/*.parquet') LIMIT 10;
\`\`\`

With the \`datasets\` library of Python:

\`\`\`python
from datasets import load_dataset

rows = load_dataset("path/to/this/folder", "${leaf.name}", split="train")
\`\`\`

With Retort, in the folder where the pipeline ran: \`retort rows\`, or \`openDataset(store, '${name}')\` from a program.${
    hasJson ? '\n\nColumns of type `JSON` are text that holds JSON.' : ''
  }`
}

function papersSection({ steps }: DatasetManifest): string[] {
  const cited = steps.flatMap(({ name, papers = [] }) =>
    papers.map((paper) => `- ${code(name)}: [arXiv:${paper}](https://arxiv.org/abs/${paper})`),
  )
  return cited.length === 0
    ? []
    : [
        `## Papers\n\nPlease cite the work that these steps follow:\n\n${[...new Set(cited)].join('\n')}`,
      ]
}

function pathOf({ name, version }: DatasetManifest, { key }: DatasetPart): string {
  return key.slice(datasetPrefix(name, version).length + 1)
}

function sizeCategory(rows: number): string {
  const names = ['n<1K', '1K<n<10K', '10K<n<100K', '100K<n<1M', '1M<n<10M', '10M<n<100M']
  return names.find((_, index) => rows < 1000 * 10 ** index) ?? '100M<n<1B'
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** A name as code in a cell of a table, where a bar would end the cell even there. */
function code(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
  return flat.includes('`') ? `\`\` ${flat} \`\`` : `\`${flat}\``
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

function tokensText({ input, output, cachedInput, reasoning }: DatasetManifest['tokens']): string {
  const cached =
    cachedInput === undefined ? '' : ` (${count(cachedInput)} from the provider's cache)`
  const thought = reasoning === undefined ? '' : ` (${count(reasoning)} of them thought)`
  return `${count(input)} in${cached}, ${count(output)} out${thought}`
}
