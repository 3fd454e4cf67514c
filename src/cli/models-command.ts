import type { ModelKind } from '../core/llm-spec.ts'
import { describeModelType, listModelTypes } from '../local/describe/describe-models.ts'
import type { DescribedModelType, ModelTypeInfo } from '../local/describe/describe-models.ts'
import { exitCodes } from './report-error.ts'
import { writeJson, writeOut } from './stdout.ts'
import { table } from './table.ts'

/** Options of `retort models`. */
export interface ModelsOptions {
  readonly json?: true
}

/** Lists the types of models, or the parameters of one. */
export async function modelsCommand(
  type: string | undefined,
  { json }: ModelsOptions,
): Promise<number> {
  if (type === undefined) {
    const types = listModelTypes()
    if (json === true) await writeJson(types)
    else await writeOut(typesText(types))
    return exitCodes.completed
  }
  const described = describeModelType(type)
  if (json === true) await writeJson(described)
  else await writeOut(typeText(described))
  return exitCodes.completed
}

const kindHeads: Readonly<Record<ModelKind, string>> = {
  llm: 'LLM',
  embeddings: 'EMBEDDINGS',
  images: 'IMAGES',
}

function typesText(types: readonly ModelTypeInfo[]): string {
  const of = (kind: ModelKind) => types.filter((one) => one.kind === kind)
  const answering = table(
    [
      kindHeads.llm,
      'ASKED',
      'FORMS',
      'N',
      'BATCH',
      'IMAGES',
      'LOGPROBS',
      'REASONING',
      'KEY',
      'PACKAGE',
    ],
    of('llm').map((info) => [info.type, ...capabilityCells(info), ...placeCells(info)]),
  )
  const others = (['embeddings', 'images'] as const).map((kind) =>
    table(
      [kindHeads[kind], 'KEY', 'PACKAGE', ''],
      of(kind).map((info) => [info.type, ...placeCells(info), info.description ?? '']),
    ),
  )
  return [answering, ...others].join('\n')
}

function capabilityCells({ capabilities }: ModelTypeInfo): readonly string[] {
  if (capabilities === null) return Array.from({ length: 7 }, () => '')
  const { chat, completions, structured, mostChoices, batch, images, logprobs, reasoning } =
    capabilities
  const forms = structured.filter((mode) => mode !== 'instructions')
  return [
    [chat ? 'chat' : '', completions ? 'completions' : ''].filter((one) => one !== '').join(', '),
    forms.length === 0 ? 'in words' : forms.join(', '),
    String(mostChoices),
    ...[batch, images, logprobs, reasoning].map((can) => (can ? 'yes' : '')),
  ]
}

function placeCells(info: ModelTypeInfo): readonly string[] {
  return [info.keyVariable ?? '', packageText(info)]
}

function packageText({ package: name, isInstalled }: ModelTypeInfo): string {
  if (name === null) return ''
  return isInstalled ? name : `${name} (not installed)`
}

/** Longer types go over several lines. */
const longestLine = 44

function broken(type: string): string {
  const lines: string[] = []
  for (const choice of type.split(' | ')) {
    const longer = `${lines.at(-1) ?? ''} | ${choice}`
    if (lines.length > 0 && longer.length <= longestLine) lines.splice(-1, 1, longer)
    else lines.push(choice)
  }
  return lines.join(' |\n')
}

function typeText(info: DescribedModelType): string {
  const { type, description, factory, capabilities, params } = info
  const [asked = '', forms = '', choices = ''] = capabilityCells(info)
  const abilities =
    capabilities === null
      ? []
      : [
          ['Asked by', asked],
          ['Held to forms by', forms],
          ['Answers of a call', choices],
          [
            'Also',
            (['batch', 'images', 'logprobs', 'reasoning'] as const)
              .filter((name) => capabilities[name])
              .join(', '),
          ],
        ]
  const facts = [
    ['In TypeScript', factory === null ? '' : `${factory}({ … })`],
    ...abilities,
    ['Key', info.keyVariable ?? ''],
    ['Package', packageText(info)],
  ].filter(([, value]) => value !== '')
  const lines = facts.map(([name = '', value = '']) => `${name.padEnd(18)}${value}\n`)
  const rows = params.map((param) => [
    param.path,
    broken(param.type),
    param.default === undefined
      ? param.isRequired
        ? 'required'
        : ''
      : JSON.stringify(param.default),
    param.description ?? '',
  ])
  return `${type}: ${description ?? ''}\n\n${lines.join('')}\n${table(['PARAMETER', 'TYPE', 'DEFAULT', ''], rows)}`
}
