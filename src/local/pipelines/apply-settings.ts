import { RetortError } from '../../core/errors.ts'
import { jsonOrText } from '../../core/json.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import { toSetting, withSettings } from './setting.ts'
import type { Setting } from './setting.ts'

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
  return withSettings(
    spec,
    settings.map((setting) => parseSetting(setting, names)),
  )
}

function parseSetting(setting: string, names: readonly string[]): Setting {
  const at = setting.indexOf('=')
  if (at < 1)
    throw new RetortError(
      'usage',
      `'--set ${setting}' sets nothing; write step.parameter=value, such as generate.inputBatchSize=10.`,
    )
  const target = setting.slice(0, at)
  const value = jsonOrText(setting.slice(at + 1))
  return toSetting({ who: `'--set ${target}'`, target, value, separator: '=' }, names)
}
