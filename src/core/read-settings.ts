import { checkAmounts } from './check-budget.ts'
import { RetortError } from './errors.ts'
import type { JsonValue } from './json.ts'
import { nearestName, quoted } from './names.ts'
import { mergeSettings } from './run-settings.ts'
import type { RunSettings, StepLimits } from './run-settings.ts'

/** One setting to change, as a user writes it. */
export interface SettingChange {
  /** `budget.usd`, `maxRejected`, `generate.llm.limits.maxConcurrency`, `maxConcurrency`, … */
  readonly path: string
  readonly value: JsonValue
}

/** A step, as far as settings depend on it. */
interface SettableStep {
  readonly name: string
  /** `null` where it asks no model. */
  readonly limitGroup: string | null
}

const limitNames = ['maxConcurrency', 'requestsPerMinute', 'tokensPerMinute'] as const
type LimitName = (typeof limitNames)[number]

/**
 * What changes of a run's settings come to.
 *
 * A limit belongs to a limit group, so that it is set for every step whose model is in it.
 *
 * @throws RetortError `setting-invalid` for a path that there is not, or a value that it does not take
 */
export function readSettings(
  changes: readonly SettingChange[],
  steps: readonly SettableStep[],
): RunSettings {
  return changes.map((change) => readChange(change, steps)).reduce(mergeSettings, {})
}

/** Checks how many rows may be rejected. @throws RetortError `setting-invalid` */
export function checkMaxRejected(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && (value < 1 || Number.isSafeInteger(value)))
    return value
  throw new RetortError(
    'setting-invalid',
    `maxRejected is ${shown(value)}; it takes a whole number of rows, or a share of them below 1, such as 0.1.`,
  )
}

/** Says what settings are set to, as people read it. */
export function settingsText(settings: RunSettings): string {
  const facts: string[] = []
  for (const [name, value] of Object.entries(settings.budget ?? {}))
    facts.push(`budget.${name} is ${value}`)
  if (settings.maxRejected !== undefined) facts.push(`maxRejected is ${settings.maxRejected}`)
  const bySetting = new Map<string, string[]>()
  for (const [step, limits] of Object.entries(settings.limits ?? {}))
    for (const [name, value] of Object.entries(limits)) {
      const fact = `${name} is ${value}`
      bySetting.set(fact, [...(bySetting.get(fact) ?? []), step])
    }
  for (const [fact, steps] of bySetting) facts.push(`${fact} for ${quoted(steps)}`)
  return facts.join(', ')
}

function readChange({ path, value }: SettingChange, steps: readonly SettableStep[]): RunSettings {
  if (path === 'budget.usd' || path === 'budget.tokens') {
    const name = path === 'budget.usd' ? 'usd' : 'tokens'
    if (typeof value !== 'number')
      throw new RetortError('setting-invalid', `${path} is ${shown(value)}; it takes a number.`)
    const budget = { [name]: value }
    checkAmounts(budget)
    return { budget }
  }
  if (path === 'maxRejected') return { maxRejected: checkMaxRejected(value) }
  const short = limitNames.find((name) => name === path)
  if (short !== undefined) return limitsOf(onlyGroup(short, steps), short, value, steps)
  const step = steps
    .filter(({ name }) => path.startsWith(`${name}.`))
    .toSorted((a, b) => b.name.length - a.name.length)[0]
  if (step === undefined) throw unknownPath(path, steps)
  const limit = limitNames.find((name) => path === `${step.name}.llm.limits.${name}`)
  if (limit === undefined) throw unknownPath(path, steps)
  if (step.limitGroup === null)
    throw new RetortError(
      'setting-invalid',
      `Step '${step.name}' asks no model, so that it has no limits to set.`,
    )
  return limitsOf(step.limitGroup, limit, value, steps)
}

function limitsOf(
  group: string,
  name: LimitName,
  value: JsonValue,
  steps: readonly SettableStep[],
): RunSettings {
  const limit: StepLimits = { [name]: checkLimit(name, value) }
  const limits = steps
    .filter(({ limitGroup }) => limitGroup === group)
    .map((step) => [step.name, limit])
  return { limits: Object.fromEntries(limits) }
}

function checkLimit(name: LimitName, value: JsonValue): number {
  const isWhole = name === 'maxConcurrency'
  if (
    typeof value === 'number' &&
    (isWhole ? Number.isSafeInteger(value) && value >= 1 : value > 0)
  )
    return value
  throw new RetortError(
    'setting-invalid',
    `${name} is ${shown(value)}; it takes ${isWhole ? 'a whole number of 1 or more' : 'a number above 0'}.`,
  )
}

function onlyGroup(name: LimitName, steps: readonly SettableStep[]): string {
  const groups = new Map<string, string>()
  for (const { limitGroup, name: step } of steps)
    if (limitGroup !== null && !groups.has(limitGroup)) groups.set(limitGroup, step)
  const [only] = groups.keys()
  if (groups.size === 1 && only !== undefined) return only
  throw new RetortError(
    'setting-invalid',
    groups.size === 0
      ? `No step of the run asks a model, so that there is no ${name} to set.`
      : `The run's models have limits of their own, so '${name}' alone does not say whose; set one of ${quoted([...groups.values()].map((step) => `${step}.llm.limits.${name}`))}.`,
  )
}

function unknownPath(path: string, steps: readonly SettableStep[]): RetortError {
  const asking = steps.filter(({ limitGroup }) => limitGroup !== null)
  const known = [
    'budget.usd',
    'budget.tokens',
    'maxRejected',
    ...limitNames,
    ...asking.flatMap(({ name }) => limitNames.map((limit) => `${name}.llm.limits.${limit}`)),
  ]
  return new RetortError(
    'setting-invalid',
    `There is no setting '${path}' that a run can change while it goes. ${nearestName(path, known)}`,
  )
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
