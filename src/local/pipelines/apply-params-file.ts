import { readFile } from 'node:fs/promises'

import { messageOf, RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { JsonValue } from '../../core/json.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import { toSetting, withSettings } from './setting.ts'
import type { Setting } from './setting.ts'

/**
 * Changes parameters of a pipeline as a YAML or JSON file says.
 *
 * The file is a mapping. A key that is a step's name has a mapping of that step's parameters, which is merged into what
 * stands there, mapping by mapping. Any other key is a path as `--set` takes it, whose value is set as a whole.
 *
 * @param file - path of the file, as it was typed
 * @throws RetortError `file-missing`, `file-malformed`, `usage`
 */
export async function applyParamsFile(spec: PipelineSpec, file: string): Promise<PipelineSpec> {
  const { parseText } = await import('./parse-text.ts')
  const text = await readText(file)
  const value = parseText(text, file, 'file-malformed')
  // An empty file, or one of nothing but comments, changes nothing.
  if (value === null || value === undefined) return spec
  if (!isObject(value))
    throw new RetortError(
      'file-malformed',
      `'${file}' holds no parameters: it takes a mapping of steps or paths, such as generate.inputBatchSize: 10.`,
    )
  const names = spec.steps.map(({ name }) => name)
  const settings = Object.entries(value).flatMap(([key, given]) =>
    // What YAML and JSON hold is JSON.
    settingsOf(key, given as JsonValue, file, names),
  )
  return withSettings(spec, settings)
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    throw new RetortError(
      'file-missing',
      code === 'ENOENT'
        ? `There is no file '${file}', which --params names.`
        : `'${file}', which --params names, cannot be read: ${messageOf(cause)}.`,
      { cause },
    )
  }
}

function settingsOf(
  key: string,
  value: JsonValue,
  file: string,
  names: readonly string[],
): readonly Setting[] {
  if (!names.includes(key) || !isObject(value)) {
    const who = `'${key}' in '${file}'`
    return [toSetting({ who, target: key, value, separator: ': ' }, names)]
  }
  return leavesOf(value, []).map(({ path, value }) => ({
    who: `'${[key, ...path].join('.')}' in '${file}'`,
    step: key,
    path,
    value,
  }))
}

interface Leaf {
  readonly path: readonly string[]
  readonly value: JsonValue
}

/** Everything below a mapping that is none itself; an empty one is a value, too. */
function leavesOf(value: Readonly<Record<string, unknown>>, path: readonly string[]): Leaf[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const below = [...path, name]
    return isObject(inner) && Object.keys(inner).length > 0
      ? leavesOf(inner, below)
      : // As above.
        [{ path: below, value: inner as JsonValue }]
  })
}
