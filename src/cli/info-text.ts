import type { RowEstimate } from '../core/estimate-calls.ts'
import type { LLMLimits } from '../core/llm-spec.ts'
import type { SettableParam } from '../core/list-params.ts'
import { usdText } from '../core/usd-text.ts'
import type {
  ColumnInfo,
  EdgeInfo,
  PipelineInfo,
  StepInfo,
} from '../local/describe/pipeline-info.ts'
import { toCount } from './progress-text.ts'
import { table } from './table.ts'
import { bold } from './terminal.ts'

/** A longer value of a parameter is cut. */
const longestValue = 48

/** What is told of a pipeline, as people read it. */
export function infoText(info: PipelineInfo): string {
  const asking = info.steps.filter(({ model }) => model !== null)
  return [
    `${bold(info.name, process.stdout)}  ${info.file}\n${targetText(info)}`,
    section('Steps', stepTable(info.steps)),
    section('Columns', columnTable(info.edges)),
    ...(asking.length === 0
      ? []
      : [
          section('Models', modelTable(asking)),
          section('Calls and cost of a run, at worst', costTable(info, asking)),
        ]),
    info.notes.map((note) => `${note}\n`).join(''),
    section('Parameters, as --set and --params take them', paramTable(info.steps)),
  ].join('\n')
}

function targetText({ target }: PipelineInfo): string {
  if (target === null) return ''
  const { accepted, atMost } = target
  return `Exactly ${toCount(accepted)} rows, out of at most ${toCount(atMost)} source rows\n`
}

function section(title: string, body: string): string {
  return `${bold(title, process.stdout)}\n${body}`
}

function stepTable(steps: readonly StepInfo[]): string {
  return table(
    ['STEP', 'KIND', 'TYPE', 'READS', 'ROWS'],
    steps.map(({ name, kind, type, after, rows, isLeaf, model }) => [
      name,
      `${kindText(kind, model !== null)}${isLeaf ? ', leaf' : ''}`,
      type,
      after.join(', ') || '–',
      rowsText(rows),
    ]),
  )
}

function kindText(kind: string, asksModel: boolean): string {
  if (!asksModel) return kind
  return kind === 'generator' ? 'generator, task' : 'task'
}

function columnTable(edges: readonly EdgeInfo[]): string {
  return table(
    ['FROM', 'TO', 'COLUMN', 'TYPE', 'READ AS'],
    edges.flatMap(({ from, to, columns }) => {
      const ends = [from, to ?? 'dataset']
      if (columns === null) return [[...ends, 'known when the source is read', '', '']]
      return columns.map((column, index) => [
        ...(index === 0 ? ends : ['', '']),
        column.name,
        column.type,
        readAs(column),
      ])
    }),
  )
}

function readAs({ readAs }: ColumnInfo): string {
  return readAs ?? ''
}

function modelTable(asking: readonly StepInfo[]): string {
  return table(
    ['STEP', 'MODEL', 'PROVIDER', 'LIMITS', 'LONGEST ANSWER', '$ PER MILLION TOKENS'],
    asking.flatMap(({ name, model }) => {
      if (model === null) return []
      const { prices } = model
      const shown =
        prices === null
          ? 'not known'
          : [prices.inputUsdPerMillion, prices.outputUsdPerMillion]
              .map(String)
              .join(' in, ')
              .concat(' out')
      return [
        [
          name,
          `${model.model}${model.isSimulated ? ' (simulated)' : ''}`,
          model.provider,
          limitsText(model.limits),
          `${toCount(model.maxNewTokens)} tokens`,
          shown,
        ],
      ]
    }),
  )
}

function limitsText(limits: LLMLimits): string {
  const { maxConcurrency, requestsPerMinute, tokensPerMinute, group } = limits
  const told = [
    maxConcurrency === undefined ? [] : [`${toCount(maxConcurrency)} at once`],
    requestsPerMinute === undefined ? [] : [`${toCount(requestsPerMinute)} requests/min`],
    tokensPerMinute === undefined ? [] : [`${toCount(tokensPerMinute)} tokens/min`],
    group === undefined ? [] : [`group ${group}`],
  ].flat()
  return told.join(', ') || 'found as it goes'
}

function costTable({ estimate }: PipelineInfo, asking: readonly StepInfo[]): string {
  const rows = asking.flatMap(({ name, calls }) => {
    if (calls === null) return []
    const { rows, inputTokens, outputTokens, costUsd } = calls
    const bound = boundText(rows)
    return [
      [
        name,
        rowsText(rows),
        countText(calls.calls, bound),
        countText(calls.mostCalls, bound),
        countText(inputTokens),
        countText(outputTokens),
        usd(costUsd, inputTokens === null, bound),
      ],
    ]
  })
  // Where one of them is not bound, neither is their sum.
  const bounds = new Set(asking.map(({ calls }) => boundText(calls?.rows ?? null)))
  const bound = bounds.size === 1 ? [...bounds].join('') : ''
  const total = [
    'together',
    '',
    countText(estimate.calls, bound),
    countText(estimate.mostCalls, bound),
    '',
    '',
    usd(estimate.costUsd, estimate.leavesOutPrompts, bound),
  ]
  return table(
    ['STEP', 'ROWS IN', 'CALLS', 'WITH RE-ASKS', 'TOKENS IN', 'TOKENS OUT', 'COST'],
    asking.length > 1 ? [...rows, total] : rows,
  )
}

function paramTable(steps: readonly StepInfo[]): string {
  return table(
    ['PATH', 'TYPE', 'VALUE', 'DEFAULT'],
    steps.flatMap(({ params }) =>
      params.map((param) => [param.path, param.type, valueText(param), defaultText(param)]),
    ),
  )
}

function valueText({ value }: SettableParam): string {
  return value === undefined ? '' : cut(JSON.stringify(value))
}

function defaultText({ default: usual, isRequired }: SettableParam): string {
  if (usual !== undefined) return cut(JSON.stringify(usual))
  return isRequired ? 'required' : ''
}

function cut(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text
}

function rowsText(rows: RowEstimate | null): string {
  if (rows === null) return 'not known'
  const count = toCount(rows.count)
  switch (rows.certainty) {
    case 'exact':
      return count
    case 'estimated':
      return `about ${count}`
    case 'at-least':
      return `more than ${count}`
    case 'at-most':
      return `at most ${count}`
  }
}

/** What stands before what follows from so many rows. */
function boundText(rows: RowEstimate | null): string {
  return rows?.certainty === 'at-most' ? 'at most ' : ''
}

function countText(count: number | null, bound = ''): string {
  return count === null ? 'not known' : `${bound}${toCount(count)}`
}

function usd(cost: number | null, leavesOut: boolean, bound: string): string {
  if (cost === null) return 'not known'
  const before = cost > 0 ? bound : ''
  return leavesOut && cost > 0 ? `${before}${usdText(cost)} and prompts` : before + usdText(cost)
}
