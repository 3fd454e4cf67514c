import { readFile } from 'node:fs/promises'

import { parsePipelineSpec } from '../../core/spec.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import { isDump } from '../../import/distilabel/dump.ts'
import { translateDump } from '../../import/distilabel/translate-dump.ts'
import type { UnsuppliedParameter } from '../../import/unsupplied.ts'
import { builtInRegistry } from '../../registry.ts'
import { parseText } from './parse-text.ts'

/** A pipeline that is written as YAML or JSON. */
export interface SpecFile {
  readonly spec: PipelineSpec
  /** What the file leaves to settings. */
  readonly unsupplied: readonly UnsuppliedParameter[]
}

/**
 * Reads a pipeline that is written as YAML or JSON: a spec, or what distilabel saved, which is translated.
 *
 * @param name - what sentences call the file
 * @throws RetortError `spec-invalid` with the line where it does not parse, as {@link parsePipelineSpec}, and
 * `import-unsupported`
 */
export async function readSpecFile(path: string, name: string): Promise<SpecFile> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  const value = parseText(text, name, 'spec-invalid')
  const where = `'${name}'`
  if (!isDump(value)) return { spec: parsePipelineSpec(value, where), unsupplied: [] }
  const { spec, unsupplied } = translateDump(value, where, builtInRegistry)
  return { spec: parsePipelineSpec(spec, where), unsupplied }
}
