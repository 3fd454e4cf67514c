import { setRun } from '../client/control-run.ts'
import { RetortError } from '../core/errors.ts'
import { jsonOrText } from '../core/json.ts'
import type { SettingChange } from '../core/read-settings.ts'
import { controlCommand } from './control-command.ts'
import type { ControlOptions } from './control-command.ts'

/** Changes what a run is set to while it goes. */
export async function setCommand(
  runId: string,
  settings: readonly string[],
  options: ControlOptions,
): Promise<number> {
  const changes = settings.map(parseChange)
  return await controlCommand(options, (place) => setRun(place, runId, changes))
}

/** Reads `path=value`; values are JSON, else texts. */
function parseChange(setting: string): SettingChange {
  const at = setting.indexOf('=')
  if (at < 1)
    throw new RetortError(
      'usage',
      `'${setting}' sets nothing; write setting=value, such as maxConcurrency=20.`,
    )
  return { path: setting.slice(0, at), value: jsonOrText(setting.slice(at + 1)) }
}
