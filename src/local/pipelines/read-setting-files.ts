import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

import { messageOf, RetortError } from '../../core/errors.ts'
import type { JsonValue } from '../../core/json.ts'

/**
 * Reads the files that settings name as `step.parameter=@file`.
 *
 * Paths mean the folder where the command was typed.
 *
 * @returns the files' values by what stands behind the `@`
 * @throws RetortError `usage`, `file-missing`, `file-malformed`
 */
export async function readSettingFiles(
  settings: readonly string[],
): Promise<ReadonlyMap<string, JsonValue>> {
  const values = new Map<string, JsonValue>()
  for (const setting of settings) {
    const [, target = '', path] = /^([^=]+)=@(?!@)(.*)$/s.exec(setting) ?? []
    if (path !== undefined) values.set(path, await readValue(path, target))
  }
  return values
}

async function readValue(path: string, target: string): Promise<JsonValue> {
  const { parseJsonLines, parseJsonText, parseYamlText } = await import('./parse-text.ts')
  const parsers: Readonly<Record<string, typeof parseJsonText>> = {
    '.json': parseJsonText,
    '.jsonl': parseJsonLines,
    '.yaml': parseYamlText,
    '.yml': parseYamlText,
  }
  const parse = parsers[extname(path).toLowerCase()]
  if (parse === undefined)
    throw new RetortError(
      'usage',
      `'--set ${target}' names the file '${path}', whose ending is none of ${Object.keys(parsers).join(', ')}; a text that begins with @ is written with @@.`,
    )
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RetortError(
      'file-missing',
      isMissing(cause)
        ? `'--set ${target}' names the file '${path}', which is not there.`
        : `'--set ${target}' names the file '${path}', which cannot be read: ${messageOf(cause)}.`,
      { cause },
    )
  })
  // What these formats hold is JSON, but for YAML's dates, which its core schema does not have.
  return parse(text.replace(/^\uFEFF/, ''), path, 'file-malformed') as JsonValue
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
