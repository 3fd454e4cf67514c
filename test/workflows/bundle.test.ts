import { fileURLToPath } from 'node:url'

import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker'
import { beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
let code = ''
let files: readonly string[] = []

beforeAll(async () => {
  const bundle = await bundleWorkflowCode({
    workflowsPath: `${root}workflows/index.ts`,
    logger: new DefaultLogger('ERROR'),
  })
  const [script = '', map = ''] = bundle.code.split(/^\/\/# sourceMappingURL=[^,]*;base64,/m)
  code = script
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] }
  files = sources.filter((name) => name.startsWith(root)).map((name) => name.slice(root.length))
})

test('the bundle holds every workflow', () => {
  for (const name of ['run-pipeline', 'run-lane', 'hold-pipeline', 'limit-group'])
    expect(files).toContain(`workflows/${name}.ts`)
})

test('of our own code the bundle holds workflows and the core alone', () => {
  const own = files.filter((name) => !name.startsWith('node_modules/'))
  expect(own.filter((name) => !/^(workflows|src\/core)\//.test(name))).toEqual([])
})

test("of packages the bundle holds Temporal's and those that they need", () => {
  const packages = files.flatMap((name) => /^node_modules\/(@[^/]+|[^/]+)\//.exec(name)?.[1] ?? [])
  expect([...new Set(packages)].toSorted()).toEqual(['@temporalio', 'long', 'ms', 'nexus-rpc'])
})

test('the bundle asks for nothing of Node', () => {
  expect(code).not.toMatch(/['"]node:/)
  expect(code).not.toMatch(/\bzod\b/)
})
