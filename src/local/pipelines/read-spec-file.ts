import { readFile } from 'node:fs/promises'

import { parsePipelineSpec } from '../../core/spec.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import { parseText } from './parse-document.ts'

/**
 * Reads a pipeline that is written as YAML or JSON.
 *
 * @param name - what sentences call the file
 * @throws RetortError `spec-invalid` with the line where it does not parse, and as {@link parsePipelineSpec}
 */
export async function readSpecFile(path: string, name: string): Promise<PipelineSpec> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  return parsePipelineSpec(parseText({ text, name, code: 'spec-invalid' }), `'${name}'`)
}
