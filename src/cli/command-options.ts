import { Option } from 'commander'

import type { OnStop } from '../core/run-settings.ts'
import { rejectedNumber, repeated } from './parse-options.ts'

/** What `<run>` is. */
export const runId = "the run's id"

/** What `<file>` is. */
export const pipelineFile =
  'a .ts or .js module whose default export is a pipeline, or YAML or JSON: its spec, or what distilabel 1 saved'

/** Names the store. */
export function storeOption(): Option {
  return new Option(
    '--store <uri>',
    'file:folder or s3://bucket/prefix (default: RETORT_STORE, else file:.retort/store)',
  )
}

/** Bounds what may be rejected. */
export function maxRejectedOption(): Option {
  return new Option(
    '--max-rejected <n>',
    'stops when more rows are rejected: a number, or a share below 1 (default: 0.5, once 20 are)',
  ).argParser(rejectedNumber)
}

/** Says what a run does that something stops. */
export function onStopOption(usual: OnStop): Option {
  return new Option(
    '--on-stop <what>',
    `where something has to be mended first, ends the run or waits for \`retort resume\` (default: ${usual})`,
  ).choices(['fail', 'pause'])
}

/** Changes parameters of a pipeline. */
export function settings(): Option {
  const none: readonly string[] = []
  return new Option(
    '--set <step.param=value>',
    'changes a parameter: JSON, text, or @file for what a JSON, JSONL or YAML file holds (@@ for a text with @ in front); may be given several times',
  )
    .argParser(repeated)
    .default(none, 'none')
}

/** Names files that change parameters of a pipeline. */
export function paramsOption(): Option {
  const none: readonly string[] = []
  return new Option(
    '--params <file>',
    'changes parameters as a YAML or JSON file says; may be given several times, --set wins',
  )
    .argParser(repeated)
    .default(none, 'none')
}

/** The lines of a help text that show a command in use. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
}
