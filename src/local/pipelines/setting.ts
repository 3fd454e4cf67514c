import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { nearestName } from '../../core/names.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'

/** One parameter of a pipeline that is to have another value. */
export interface Setting {
  /** What sentences call it, such as `'--set generate.inputBatchSize'`. */
  readonly who: string
  readonly step: string
  /** Where the value goes, below the step's `params`. */
  readonly path: readonly string[]
  readonly value: JsonValue
}

/** A setting as its author wrote it. */
export interface WrittenSetting {
  readonly who: string
  /** A step's name (or more of it, where names have dots), and the way below its `params`. */
  readonly target: string
  readonly value: JsonValue
  /** What stands between a target and its value where it was written, such as `=`. */
  readonly separator: string
}

/** Finds the step that a setting is for. @throws RetortError `usage` */
export function toSetting(written: WrittenSetting, names: readonly string[]): Setting {
  const { who, target, value, separator } = written
  const [step] = names
    .filter((name) => target === name || target.startsWith(`${name}.`))
    .toSorted((a, b) => b.length - a.length)
  if (step === undefined) {
    const [named = ''] = target.split('.')
    throw new RetortError(
      'usage',
      `${who} names the step '${named}', which the pipeline does not have. ${nearestName(named, names)}`,
    )
  }
  const path = target.slice(step.length + 1).split('.')
  if (path.includes(''))
    throw new RetortError(
      'usage',
      `${who} names no parameter of step '${step}'; write ${step}.parameter${separator}value.`,
    )
  return { who, step, path, value }
}

/**
 * The pipeline with its parameters set, one setting after the other. Whether a step has such parameters is checked
 * later.
 *
 * @throws RetortError `usage`
 */
export function withSettings(spec: PipelineSpec, settings: readonly Setting[]): PipelineSpec {
  const apply = (step: StepSpec, setting: Setting): StepSpec =>
    step.name === setting.step
      ? { ...step, params: withValue(step.params ?? {}, setting.path, setting) }
      : step
  return { ...spec, steps: spec.steps.map((step) => settings.reduce(apply, step)) }
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
      `${setting.who} goes below '${whole}' of step '${setting.step}', which is ${kind}; set '${setting.step}.${whole}' as a whole.`,
    )
  }
  return { ...params, [name]: withValue(inner, rest, setting) }
}
