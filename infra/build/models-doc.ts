import { readFileSync } from 'node:fs'

import type { SettableParam } from '../../src/core/list-params.ts'
import type { ModelKind } from '../../src/core/llm-spec.ts'
import { describeModelType, listModelTypes } from '../../src/local/describe/describe-models.ts'
import type { DescribedModelType } from '../../src/local/describe/describe-models.ts'

/** A parameter stands among those that types share where so many have it alike. */
const leastSharing = 8

const headings: Readonly<Record<ModelKind, string>> = {
  llm: 'Models that answer',
  embeddings: 'Models that turn texts into vectors',
  images: 'Models that make images',
}

/** The page `docs/models.md`: an introduction, and every type of model as its definition has it. */
export function modelsDoc(): string {
  const introduction = readFileSync(new URL('models-introduction.md', import.meta.url), 'utf8')
  const types = listModelTypes().map(({ type }) => describeModelType(type))
  const shared = sharedParams(types)
  const sections = (['llm', 'embeddings', 'images'] as const).map((kind) => {
    const own = types.filter((type) => type.kind === kind)
    return [
      `## ${headings[kind]}`,
      kind === 'llm' ? answeringTable(own) : otherTable(own),
      ...own.map((type) => typeSection(type, shared)),
    ].join('\n\n')
  })
  const common = [
    '## Parameters that types share',
    'A path such as `timeouts.callSeconds` goes below `params`. What has no default is left to the provider.',
    paramTable([...shared.values()]),
  ].join('\n\n')
  return `${[introduction.trim(), ...sections, common].join('\n\n')}\n`
}

/** Parameters that many types have alike, by what tells them apart. */
function sharedParams(types: readonly DescribedModelType[]): ReadonlyMap<string, SettableParam> {
  const all = types.flatMap(({ params }) => params)
  const counts = Map.groupBy(all, keyOf)
  return new Map(
    [...counts].flatMap(([key, [first, ...others]]) =>
      first !== undefined && others.length + 1 >= leastSharing ? [[key, first]] : [],
    ),
  )
}

function keyOf({ path, type, default: usual, isRequired, description }: SettableParam): string {
  return JSON.stringify([path, type, usual ?? null, isRequired, description ?? ''])
}

function answeringTable(types: readonly DescribedModelType[]): string {
  const head = [
    'Type',
    'Asked by',
    'Forms',
    'N',
    'Batch',
    'Images',
    'Log-probabilities',
    'Reasoning',
    'Key',
    'Package',
  ]
  const rows = types.map(({ type, capabilities, keyVariable, package: name }) => {
    const { chat, completions, structured, mostChoices, batch, images, logprobs, reasoning } =
      capabilities ?? {}
    const asked = [chat === true ? 'chat' : '', completions === true ? 'completions' : '']
    const forms = structured?.filter((mode) => mode !== 'instructions') ?? []
    return [
      link(type),
      asked.filter((one) => one !== '').join(', '),
      forms.length === 0 ? 'in words' : forms.map(code).join(', '),
      String(mostChoices ?? 1),
      ...[batch, images, logprobs, reasoning].map((can) => (can === true ? 'yes' : '')),
      codeOrNone(keyVariable),
      codeOrNone(name),
    ]
  })
  return markdownTable(head, rows)
}

function otherTable(types: readonly DescribedModelType[]): string {
  return markdownTable(
    ['Type', 'What it is', 'Key', 'Package'],
    types.map(({ type, description, keyVariable, package: name }) => [
      link(type),
      description ?? '',
      codeOrNone(keyVariable),
      codeOrNone(name),
    ]),
  )
}

function typeSection(
  { type, description, factory, params }: DescribedModelType,
  shared: ReadonlyMap<string, SettableParam>,
): string {
  const own = params.filter((param) => !shared.has(keyOf(param)))
  const others = params.filter((param) => shared.has(keyOf(param)))
  return [
    `### ${type}`,
    `${description ?? ''} In TypeScript: \`${factory ?? ''}({ … })\`.`,
    ...(own.length === 0 ? [] : [paramTable(own)]),
    ...(others.length === 0
      ? []
      : [`[Shared](#parameters-that-types-share) with other types: ${namesOf(others)}.`]),
  ].join('\n\n')
}

/** Names of parameters; those below one of them follow it. */
function namesOf(params: readonly SettableParam[]): string {
  const groups = Map.groupBy(params, ({ path }) => path.slice(0, Math.max(0, path.indexOf('.'))))
  return [...groups]
    .flatMap(([group, members]) =>
      group === ''
        ? members.map(({ path }) => code(path))
        : [
            `${code(group)} (${members.map(({ path }) => code(path.slice(group.length + 1))).join(', ')})`,
          ],
    )
    .join(', ')
}

function paramTable(params: readonly SettableParam[]): string {
  return markdownTable(
    ['Parameter', 'Type', 'Default', ''],
    params.map(({ path, type, default: usual, isRequired, description }) => [
      code(path),
      code(type),
      usual === undefined ? (isRequired ? 'required' : '') : code(JSON.stringify(usual)),
      description ?? '',
    ]),
  )
}

/** A table whose columns are as wide as their longest cell, as the formatter has them. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/(?<!`)</g, '\\<')),
  )
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...escaped.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  const rule = line(
    head.map(() => '-'),
    '-',
  )
  return [line(head), rule, ...escaped.map((row) => line(row))].join('\n')
}

function link(type: string): string {
  return `[${code(type)}](#${type.toLowerCase()})`
}

function code(text: string): string {
  return `\`${text}\``
}

function codeOrNone(text: string | null): string {
  return text === null ? '' : code(text)
}
