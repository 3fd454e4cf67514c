import type { Row } from '../../core/columns.ts'
import { jsonFlaw, malformed } from './malformed.ts'
import { parseJson } from './parse-json.ts'
import { readText } from './read-bytes.ts'
import type { SourceFile } from './source-file.ts'

/**
 * Rows of a JSON file: the objects of its array, or the object that it is. Several objects one after another, as in
 * JSONL under the name `.json`, are rows too.
 */
export async function* readJson(
  file: SourceFile,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const splitter = createObjectSplitter(file)
  for await (const text of readText(file, signal)) {
    // An object at a time: whoever wants no more than the rows before a flaw never sees it.
    for (const { json, line } of splitter.add(text)) yield [parseObject(file, json, line)]
  }
  splitter.end()
}

function parseObject(file: SourceFile, json: string, line: number): Row {
  try {
    // The splitter gives only what begins with a brace.
    return parseJson(json) as Row
  } catch (error) {
    throw malformed(file, `begins an object that is not JSON: ${jsonFlaw(error)}`, {
      line,
      cause: error,
    })
  }
}

/** The text of an object, and the line on which it begins. */
interface ObjectText {
  readonly json: string
  readonly line: number
}

interface ObjectSplitter {
  add(text: string): Generator<ObjectText>
  /** @throws RetortError `file-malformed` where the file must go on */
  end(): void
}

/** Cuts the text of a JSON file into its outermost objects, whatever the pieces it comes in. */
function createObjectSplitter(file: SourceFile): ObjectSplitter {
  let place: 'start' | 'array' | 'behind-item' | 'behind-comma' | 'objects' | 'end' = 'start'
  let depth = 0
  let isString = false
  let isEscaped = false
  let line = 1
  let firstLine = 1
  let begun: string[] = []

  /** Where the next outermost object or anything else outside of objects leads to. */
  const outside = (character: string) => {
    if (character === '{' && place !== 'behind-item' && place !== 'end') {
      if (place === 'start') place = 'objects'
      firstLine = line
      depth = 1
    } else if (character === '[' && place === 'start') place = 'array'
    else if (character === ',' && place === 'behind-item') place = 'behind-comma'
    else if (character === ']' && (place === 'array' || place === 'behind-item')) place = 'end'
    else throw malformed(file, unexpected(character), { line })
  }
  const unexpected = (character: string) =>
    place === 'start'
      ? `begins with '${character}' and not with an array of objects or an object`
      : place === 'end'
        ? `goes on with '${character}' behind the end of its array`
        : `has '${character}' where ${place === 'behind-item' ? "',' or ']'" : 'an object'} belongs`

  return {
    *add(text) {
      let from = 0
      for (let at = 0; at < text.length; at++) {
        const character = text.charAt(at)
        if (character === '\n') line++
        if (isString) {
          if (isEscaped) isEscaped = false
          else if (character === '\\') isEscaped = true
          else if (character === '"') isString = false
        } else if (depth === 0) {
          if (!' \t\r\n'.includes(character)) outside(character)
          from = at
        } else if (character === '"') isString = true
        else if (character === '{' || character === '[') depth++
        else if ((character === '}' || character === ']') && --depth === 0) {
          begun.push(text.slice(from, at + 1))
          yield { json: begun.join(''), line: firstLine }
          begun = []
          if (place !== 'objects') place = 'behind-item'
        }
      }
      if (depth > 0) begun.push(text.slice(from))
    },
    end() {
      if (depth > 0)
        throw malformed(file, 'begins an object that does not end', { line: firstLine })
      if (place === 'array' || place === 'behind-item' || place === 'behind-comma')
        throw malformed(file, 'ends before its array does', { line })
    },
  }
}
