import { readFile } from 'node:fs/promises'

import { LineCounter, parseDocument } from 'yaml'

import { messageOf, RetortError } from '../../core/errors.ts'
import { parsePipelineSpec } from '../../core/spec.ts'
import type { PipelineSpec } from '../../core/spec.ts'

/**
 * Reads a pipeline that is written as YAML or JSON.
 *
 * @param name - what sentences call the file
 * @throws RetortError `spec-invalid` with the line where it does not parse, and as {@link parsePipelineSpec}
 */
export async function readSpecFile(path: string, name: string): Promise<PipelineSpec> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  const value = path.endsWith('.json') ? parseJson(text, name) : parseYaml(text, name)
  return parsePipelineSpec(value, `'${name}'`)
}

function parseJson(text: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (cause) {
    // Node's message ends in the place, which is said in front.
    const [said, line] =
      /^(.*) in JSON at position \d+ \(line (\d+) .*$/s.exec(messageOf(cause))?.slice(1) ?? []
    throw unparsed(name, 'JSON', line, said ?? messageOf(cause), cause)
  }
}

function parseYaml(text: string, name: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true })
  const [error] = document.errors
  if (error !== undefined)
    throw unparsed(name, 'YAML', lineCounter.linePos(error.pos[0]).line, error.message, error)
  try {
    const value: unknown = document.toJS()
    return value
  } catch (cause) {
    throw unparsed(name, 'YAML', undefined, messageOf(cause), cause)
  }
}

function unparsed(
  name: string,
  format: string,
  line: number | string | undefined,
  said: string,
  cause: unknown,
): RetortError {
  const at = line === undefined ? '' : `, line ${line},`
  const why = said.replace(/\.$/, '')
  return new RetortError('spec-invalid', `'${name}'${at} is no ${format}: ${why}.`, {
    data: line === undefined ? {} : { line: Number(line) },
    cause,
  })
}
