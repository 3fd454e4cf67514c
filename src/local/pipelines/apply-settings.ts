import { RetortError } from '../../core/errors.ts'
import { isObject, jsonOrText } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { nearestName } from '../../core/names.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'

/** One `--set`. */
interface Setting {
  /** As it was typed, up to the `=`. */
  readonly target: string
  readonly step: string
  /** Where the value goes, below the step's `params`. */
  readonly path: readonly string[]
  readonly value: JsonValue
}

/**
 * Changes parameters of a pipeline: `generate.llm.limits.maxConcurrency=20`.
 *
 * The part before the first dot is a step's name (or more of it, where names have dots), the rest the way
 * below its `params`. Values are JSON, else texts. Whether a step has such parameters is checked later.
 *
 * @throws RetortError `usage`
 */
export function applySettings(spec: PipelineSpec, settings: readonly string[]): PipelineSpec {
  const names = spec.steps.map(({ name }) => name)
  const parsed = settings.map((setting) => parseSetting(setting, names))
  const apply = (step: StepSpec, setting: Setting): StepSpec =>
    step.name === setting.step
      ? { ...step, params: withValue(step.params ?? {}, setting.path, setting) }
      : step
  return { ...spec, steps: spec.steps.map((step) => parsed.reduce(apply, step)) }
}

function parseSetting(setting: string, names: readonly string[]): Setting {
  const at = setting.indexOf('=')
  if (at < 1)
    throw new RetortError(
      'usage',
      `'--set ${setting}' sets nothing; write step.parameter=value, such as generate.inputBatchSize=10.`,
    )
  const target = setting.slice(0, at)
  const [step] = names
    .filter((name) => target === name || target.startsWith(`${name}.`))
    .toSorted((a, b) => b.length - a.length)
  if (step === undefined) {
    const [named = ''] = target.split('.')
    throw new RetortError(
      'usage',
      `'--set ${target}' names the step '${named}', which the pipeline does not have. ${nearestName(named, names)}`,
    )
  }
  const path = target.slice(step.length + 1).split('.')
  if (path.includes(''))
    throw new RetortError(
      'usage',
      `'--set ${target}' names no parameter of step '${step}'; write ${step}.parameter=value.`,
    )
  return { target, step, path, value: jsonOrText(setting.slice(at + 1)) }
}

function withValue(params: JsonObject, path: readonly string[], setting: Setting): JsonObject {
  const [name = '', ...rest] = path
  if (rest.length === 0) return { ...params, [name]: setting.value }
  const inner = params[name] ?? {}
  if (!isObject(inner)) {
    const kind = Array.isArray(inner) ? 'a list' : JSON.stringify(inner)
    const whole = setting.path.slice(0, setting.path.length - rest.length).join('.')
    throw new RetortError(
      'usage',
      `'--set ${setting.target}' goes below '${whole}' of step '${setting.step}', which is ${kind}; set '${setting.step}.${whole}' as a whole.`,
    )
  }
  return { ...params, [name]: withValue(inner, rest, setting) }
}
