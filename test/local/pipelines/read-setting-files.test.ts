import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { readSettingFiles } from '../../../src/local/pipelines/read-setting-files.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { createFileTree } from './file-tree.ts'

const tree = createFileTree({
  'rows.jsonl': '{"a":1}\n\n{"a":2}\r\n',
  'rows.JSON': '\uFEFF[{"a":1}]',
  'rows.yaml': '- a: 1\n- a: two\n',
  'bad.jsonl': '{"a":1}\n{"a":\n',
  'bad.json': '{\n  "a": }',
  'bad.yml': 'a: [\n',
  'notes.txt': 'hello',
  'empty.jsonl': '',
})

afterAll(() => tree[Symbol.dispose]())

const at = (name: string) => join(tree.path, name)
const read = async (name: string) =>
  (await readSettingFiles([`load.data=@${at(name)}`])).get(at(name))

test('a setting takes its value from a JSONL, JSON or YAML file', async () => {
  expect(await read('rows.jsonl')).toEqual([{ a: 1 }, { a: 2 }])
  expect(await read('rows.JSON')).toEqual([{ a: 1 }])
  expect(await read('rows.yaml')).toEqual([{ a: 1 }, { a: 'two' }])
  expect(await read('empty.jsonl')).toEqual([])
})

test('settings that name no file read none', async () => {
  expect(
    await readSettingFiles(['load.x=1', 'load.y=@@absent.json', 'load.z=a=@b', 'odd']),
  ).toEqual(new Map())
})

test.each([
  [
    'absent.json',
    'file-missing',
    /^'--set load\.data' names the file '.*absent\.json', which is not there\.$/,
  ],
  ['bad.jsonl', 'file-malformed', /^'.*bad\.jsonl', line 2, is no JSON: .+\.$/],
  ['bad.json', 'file-malformed', /^'.*bad\.json' is no JSON: Unexpected token '}'\.$/],
  ['bad.yml', 'file-malformed', /^'.*bad\.yml', line \d, is no YAML: .+\.$/],
  [
    'notes.txt',
    'usage',
    /^'--set load\.data' names the file '.*notes\.txt', whose ending is none of \.json, \.jsonl, \.yaml, \.yml; a text that begins with @ is written with @@\.$/,
  ],
] as const)('the file %s is refused with one sentence', async (name, code, message) => {
  const error = await rejectionOf(read(name))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(message)
})
