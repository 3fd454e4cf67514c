import { RetortError } from '../../core/errors.ts'
import { jsonOrText } from '../../core/json.ts'
import type { JsonValue } from '../../core/json.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import { toSetting, withSettings } from './setting.ts'
import type { Setting } from './setting.ts'

/**
 * Changes parameters of a pipeline: `generate.llm.limits.maxConcurrency=20`.
 *
 * The part before the first dot is a step's name (or more of it, where names have dots), the rest the way
 * below its `params`. Values are JSON, else texts; `@file` is that file's value, `@@…` a text that begins with `@`.
 * Whether a step has such parameters is checked later.
 *
 * @param files - values of the files that settings name
 * @throws RetortError `usage`
 */
export function applySettings(
  spec: PipelineSpec,
  settings: readonly string[],
  files: ReadonlyMap<string, JsonValue> = new Map(),
): PipelineSpec {
  const names = spec.steps.map(({ name }) => name)
  return withSettings(
    spec,
    settings.map((setting) => parseSetting(setting, names, files)),
  )
}

function parseSetting(
  setting: string,
  names: readonly string[],
  files: ReadonlyMap<string, JsonValue>,
): Setting {
  const at = setting.indexOf('=')
  if (at < 1)
    throw new RetortError(
      'usage',
      `'--set ${setting}' sets nothing; write step.parameter=value, such as generate.inputBatchSize=10.`,
    )
  const target = setting.slice(0, at)
  const value = toValue(setting.slice(at + 1), files)
  return toSetting({ who: `'--set ${target}'`, target, value, separator: '=' }, names)
}

function toValue(text: string, files: ReadonlyMap<string, JsonValue>): JsonValue {
  if (!text.startsWith('@')) return jsonOrText(text)
  const rest = text.slice(1)
  if (rest.startsWith('@')) return rest
  const value = files.get(rest)
  return value === undefined ? text : value
}
