import { quoted } from '../../core/names.ts'
import type { RowTarget } from '../../core/spec.ts'
import type { StepInfo, TotalEstimate } from './pipeline-info.ts'

/** What all steps together will ask. */
export function totalOf(steps: readonly StepInfo[]): TotalEstimate {
  const asking = steps.flatMap(({ calls }) => (calls === null ? [] : [calls]))
  const generators = steps.filter(({ kind }) => kind === 'generator')
  const [only] = generators
  return {
    rows: generators.length === 1 ? (only?.rows ?? null) : null,
    calls: sumOf(asking.map(({ calls }) => calls)),
    mostCalls: sumOf(asking.map(({ mostCalls }) => mostCalls)),
    costUsd: sumOf(asking.map(({ costUsd }) => costUsd)),
    leavesOutPrompts: asking.some(({ inputTokens }) => inputTokens === null),
  }
}

/** Sentences about how calls and costs are estimated, and what is missing in them. */
export function estimateNotes(steps: readonly StepInfo[]): string[] {
  const asking = steps.filter(({ calls }) => calls !== null)
  if (asking.length === 0) return ['No step asks a model, so that a run costs nothing.']
  return [
    ...environmentNotes(asking),
    ...unmeasuredNotes(asking),
    ...unpricedNotes(asking),
    `Calls are estimated: every step is taken to give a row for each that it gets (a task one for each of its numGenerations), and every answer to hold at once; one that does not is asked for again, up to maxReasks times.`,
    `Costs are those of the worst case: every byte of the longest prompt (over the first 200 rows) a token, and every answer as long as maxNewTokens. Answers that are stored already, and equal prompts, are not paid again.`,
  ]
}

/** Sentences about a pipeline that makes rows until enough pass. */
export function targetNotes(
  target: RowTarget | undefined,
  steps: readonly StepInfo[],
  growth: number,
): string[] {
  if (target === undefined) return []
  const { accepted, atMost } = target
  const sources = steps.flatMap(({ kind, rows }) => (kind === 'generator' ? (rows ?? []) : []))
  const most = Math.max(0, ...sources.map(({ count }) => count))
  const isKnown = sources.length > 0 && growth === 1
  return [
    `Source rows are taken in waves until ${toCount(accepted)} rows have passed every step, ${toCount(atMost)} at most; what is estimated here is what that many take.`,
    ...(isKnown && most < accepted
      ? [
          `Only ${toCount(most)} source rows can be taken for ${toCount(accepted)} rows; unless a step makes several rows of one, the run will fail.`,
        ]
      : []),
  ]
}

function toCount(value: number): string {
  return value.toLocaleString('en-US')
}

function environmentNotes(asking: readonly StepInfo[]): string[] {
  const chosen = asking.filter(({ model }) => model?.isFromEnvironment === true)
  const [first] = chosen
  if (first === undefined) return []
  return [
    `The environment chooses the model of ${namesOf(chosen)}: '${first.model?.model}' as it is here.`,
  ]
}

function unmeasuredNotes(asking: readonly StepInfo[]): string[] {
  const unmeasured = asking.filter(({ calls }) => calls?.inputTokens === null)
  if (unmeasured.length === 0) return []
  return [
    `How long the prompts of ${namesOf(unmeasured)} are is not known, since they hold columns that are not there before a run; their cost counts the answers alone.`,
  ]
}

function unpricedNotes(asking: readonly StepInfo[]): string[] {
  const models = asking.flatMap(({ model }) => (model?.prices === null ? [model.model] : []))
  if (models.length === 0) return []
  return [
    `No price is known for ${quoted(new Set(models))}; the model's prices: { inputUsdPerMillion, outputUsdPerMillion } tell it.`,
  ]
}

function namesOf(steps: readonly StepInfo[]): string {
  return quoted(steps.map(({ name }) => name))
}

function sumOf(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return sum
}
