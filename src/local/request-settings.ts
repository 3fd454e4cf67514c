import { checkAmounts } from '../core/check-budget.ts'
import { checkMaxRejected } from '../core/read-settings.ts'
import type { SettingChange } from '../core/read-settings.ts'
import type { RunSettings } from '../core/run-settings.ts'
import type { RunOptions } from './run-options.ts'

/** What a command sets of a run. @throws RetortError `setting-invalid` */
export function requestSettings({ budget, maxRejected }: RunOptions): RunSettings {
  if (budget !== undefined) checkAmounts(budget)
  return {
    ...(budget === undefined ? {} : { budget }),
    ...(maxRejected === undefined ? {} : { maxRejected: checkMaxRejected(maxRejected) }),
  }
}

/** The same as changes of a run that goes on already. */
export function requestedChanges(options: RunOptions): readonly SettingChange[] {
  const { budget = {}, maxRejected } = requestSettings(options)
  const changes: SettingChange[] = Object.entries(budget).map(([name, value]) => ({
    path: `budget.${name}`,
    value,
  }))
  if (maxRejected !== undefined) changes.push({ path: 'maxRejected', value: maxRejected })
  return changes
}
