import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createFileTree } from './file-tree.ts'
import { loadInNode } from './load-in-node.ts'
import type { Outcome } from './load-in-node.ts'

const source = new URL('../../../src/', import.meta.url).href
const retort = `'${source}index.ts'`

const begin = `import { Pipeline, defineRoute, defineStep, loadDataFromDicts } from ${retort}
import { z } from '${import.meta.resolve('zod')}'
`
const shout = `export const shout = defineStep({
  type: 'Shout',
  inputs: z.object({ text: z.string() }),
  outputs: z.object({ loud: z.string() }),
  *process(rows: readonly { text: string }[]) { for (const { text } of rows) yield { loud: text.toUpperCase() } },
})
`
const load = `Pipeline.from('loud', loadDataFromDicts({ data: [{ text: 'a' }] }))`

const loadStep = `
  - name: load
    type: LoadDataFromDicts
    params: { data: [{ text: a }] }`
const yaml = (steps: string) => `version: 1\nname: loud\nsteps:${loadStep}${steps}`
const shoutStep = (members: string) => `
  - name: shout
    after: [load]
    ${members}`
const routed = (members: string) =>
  yaml(shoutStep('type: KeepColumns')).replace(
    '{ data: [{ text: a }] }',
    `{ data: [{ text: a }] }\n    route: { type: First, ${members} }`,
  )

/** Files with the sentence that loading each one gives. */
const refused: Record<string, { readonly code: string; readonly message: string | RegExp }> = {}
const files: Record<string, string> = {
  'package.json': '{ "type": "module" }',
  'old/package.json': '{ "type": "commonjs" }',
  'steps.ts': `${begin}${shout}export const plain = shout.definition\nexport const number = 3\n`,
  'routes.ts': `${begin}export const first = defineRoute({
  type: 'First',
  inputs: z.looseObject({}),
  choose: (_row, { branches }) => branches.slice(0, 1),
})
`,
}

function refuse(file: string, content: string | undefined, code: string, message: string | RegExp) {
  if (content !== undefined) files[file] = content
  refused[file] = { code, message }
}

refuse('absent.ts', undefined, 'file-missing', `There is no file 'absent.ts'.`)
refuse(
  'notes.txt',
  'hello',
  'usage',
  `'notes.txt' is no pipeline file; it takes a module (.ts, .mts, .js, .mjs) or a spec (.yaml, .yml, .json).`,
)
refuse(
  'folder.ts/a',
  '',
  'usage',
  `'folder.ts/a' is no pipeline file; it takes a module (.ts, .mts, .js, .mjs) or a spec (.yaml, .yml, .json).`,
)
refuse('folder.ts', undefined, 'file-missing', `'folder.ts' is no regular file.`)
refuse(
  'throws.ts',
  `function fail() {\n  throw new Error('no luck today')\n}\nfail()\n`,
  'module-invalid',
  `Module 'throws.ts' throws on import at line 2: no luck today.`,
)
refuse(
  'throws-below.ts',
  `import './throws.ts'\n`,
  'module-invalid',
  /^Module 'throws-below\.ts' throws on import at line 2 of \/.*\/throws\.ts: no luck today\.$/,
)
refuse(
  'throws-text.ts',
  `throw 'plain text'`,
  'module-invalid',
  `Module 'throws-text.ts' throws on import: plain text.`,
)
refuse(
  'syntax.ts',
  `const a: number = 1\nexport default {{\n`,
  'module-invalid',
  /^Module 'syntax\.ts' does not load at line 2: .+\.$/,
)
refuse(
  'syntax.js',
  `const a = 1\n\nexport default {{\n`,
  'module-invalid',
  /^Module 'syntax\.js' does not load at line 3: Unexpected token '\{'\.$/,
)
refuse(
  'enum.ts',
  `enum Size { Small }\nexport default Size\n`,
  'module-invalid',
  `Module 'enum.ts' does not load at line 1: TypeScript enum is not supported in strip-only mode.`,
)
refuse(
  'old/pipeline.ts',
  `import { join } from 'node:path'\nexport default join('a', 'b')\n`,
  'module-invalid',
  `Module 'old/pipeline.ts' does not load: Node takes pipeline.ts for CommonJS; set "type": "module" in the package.json of its folder (npm pkg set type=module), or name it pipeline.mts.`,
)
refuse(
  'no-package.ts',
  `import 'absent-package/part'\n`,
  'module-invalid',
  /^Module 'no-package\.ts' does not load: \/.*no-package\.ts imports the package 'absent-package', which is not installed; run npm install absent-package\.$/,
)
refuse(
  'no-ending.ts',
  `import './steps'\n`,
  'module-invalid',
  /^Module 'no-ending\.ts' does not load: .*no-ending\.ts imports .*\/steps, which is not there; write its whole name, as in '\.\/steps\.ts'\.$/,
)
refuse(
  'no-file.ts',
  `import './nowhere.ts'\n`,
  'module-invalid',
  /^Module 'no-file\.ts' does not load: .*no-file\.ts imports .*\/nowhere\.ts, which is not there; correct the path\.$/,
)
refuse(
  'no-name.ts',
  `import { whisper } from './steps.ts'\n`,
  'module-invalid',
  `Module 'no-name.ts' does not load at line 1: The requested module './steps.ts' does not provide an export named 'whisper'.`,
)
refuse(
  'no-default.ts',
  `export const a = 1\n`,
  'module-invalid',
  `Module 'no-default.ts' has no default export; end it with 'export default' and the pipeline.`,
)
refuse(
  'named.ts',
  `${begin}export const loud = ${load}\n`,
  'module-invalid',
  `Module 'named.ts' has no default export, but it exports 'loud'; add 'export default loud'.`,
)
refuse(
  'number.ts',
  `export default 3\n`,
  'module-invalid',
  `The default export of module 'number.ts' is a number, no pipeline; export what Pipeline.from(…) begins.`,
)
refuse(
  'nothing.js',
  `export default undefined\n`,
  'module-invalid',
  `The default export of module 'nothing.js' is undefined, no pipeline; export what Pipeline.from(…) begins.`,
)
refuse(
  'branches.ts',
  `${begin}${shout}export default ${load}.branch({ a: (p) => p.step('a', shout()) })\n`,
  'module-invalid',
  `The default export of module 'branches.ts' is an object, no pipeline; bring its branches together with group, merge or leaves.`,
)
refuse(
  'twice.ts',
  `${begin}${shout}export default ${load}.step('load', shout())\n`,
  'step-name-taken',
  `Two steps are named 'load'; give each step a name of its own.`,
)
refuse(
  'tabs.yaml',
  `version: 1\nname: x\nsteps: [\n  { name: load\n`,
  'spec-invalid',
  /^'tabs\.yaml', line \d+, is no YAML: .+\.$/,
)
refuse(
  'alias.yaml',
  `version: 1\nname: *absent\n`,
  'spec-invalid',
  `'alias.yaml' is no YAML: Unresolved alias (the anchor must be set before the alias): absent.`,
)
refuse(
  'comma.json',
  `{\n  "version": 1,\n  "name": "x"\n  "steps": []\n}\n`,
  'spec-invalid',
  `'comma.json', line 4, is no JSON: Expected ',' or '}' after property value.`,
)
refuse(
  'short.json',
  `{ "version": 1,`,
  'spec-invalid',
  /^'short\.json', line 1, is no JSON: Expected double-quoted property name\.$/,
)
refuse('empty.yaml', '', 'spec-invalid', /^'empty\.yaml' holds no pipeline/)
refuse('list.json', '[]', 'spec-invalid', /^'list\.json' holds no pipeline/)
refuse(
  'no-export.yaml',
  yaml(shoutStep('type: Shout\n    module: ./steps.ts')),
  'spec-invalid',
  `Step 'shout' has a 'module' but no 'export'; name what './steps.ts' exports.`,
)
refuse(
  'no-module.yaml',
  yaml(shoutStep('type: Shout\n    export: shout')),
  'spec-invalid',
  `Step 'shout' has an 'export' but no 'module'; name the file that exports 'shout'.`,
)
refuse(
  'module-absent.yaml',
  yaml(shoutStep('type: Shout\n    module: ./gone.ts\n    export: shout')),
  'file-missing',
  /^There is no file '\.\/gone\.ts' in \/.*, which step 'shout' names as its module\.$/,
)
refuse(
  'export-absent.yaml',
  yaml(shoutStep('type: Shout\n    module: ./steps.ts\n    export: shou')),
  'module-invalid',
  `Module './steps.ts' has no export 'shou', which step 'shout' names. Did you mean 'shout'?`,
)
refuse(
  'yaml-module.yaml',
  yaml(shoutStep('type: Shout\n    module: ./yaml-module.yaml\n    export: shout')),
  'module-invalid',
  `Module './yaml-module.yaml', which step 'shout' names, holds no code; name the .ts or .js file that exports 'shout'.`,
)
refuse(
  'circle.yaml',
  'version: 1\nname: circle\nsteps:\n  - &load\n    name: load\n    type: X\n    params: { data: [{ self: *load }] }\n',
  'spec-invalid',
  "'circle.yaml', line 7, goes round in a circle: the alias *load stands within what &load names; write out what is meant there.",
)
refuse(
  'no-step.yaml',
  yaml(shoutStep('type: Shout\n    module: ./steps.ts\n    export: number')),
  'module-invalid',
  `Export 'number' of module './steps.ts', which step 'shout' names, is no step; export what defineStep, defineTask, defineGlobalStep or defineGenerator returns.`,
)
refuse(
  'type-differs.yaml',
  yaml(shoutStep('type: Whisper\n    module: ./steps.ts\n    export: shout')),
  'spec-invalid',
  `Step 'shout' has the type 'Whisper', but 'shout' of module './steps.ts' defines 'Shout'.`,
)
refuse(
  'no-route.yaml',
  routed('module: ./steps.ts, export: shout'),
  'module-invalid',
  `Export 'shout' of module './steps.ts', which the route behind step 'load' names, is no route; export what defineRoute returns.`,
)
refuse(
  'route-no-step.yaml',
  yaml(shoutStep('type: First\n    module: ./routes.ts\n    export: first')),
  'module-invalid',
  `Export 'first' of module './routes.ts', which step 'shout' names, is no step; export what defineStep, defineTask, defineGlobalStep or defineGenerator returns.`,
)
refuse(
  'route-no-export.yaml',
  routed('module: ./routes.ts'),
  'spec-invalid',
  `The route behind step 'load' has a 'module' but no 'export'; name what './routes.ts' exports.`,
)

const accepted = {
  'routed.yaml': routed('module: ./routes.ts, export: first'),
  'built-in.ts': `${begin}export default ${load}.keep('text')\n`,
  'custom.ts': `${begin}import { shout } from './steps.ts'\nexport default ${load}.step('shout', shout())\n`,
  'promise.mjs': `${begin}export default Promise.resolve(${load})\n`,
  'other-copy.mjs': `import { definition } from './other-copy-steps.mjs'
export default {
  spec: { version: 1, name: 'copied', steps: [{ name: 'load', type: 'Copied' }] },
  definitions: [definition],
}
`,
  'other-copy-steps.mjs': `export const definition = { kind: 'generator', type: 'Copied', *generate() {} }\n`,
  'built-in.yaml': yaml(''),
  'custom.yml': yaml(
    shoutStep('type: Shout\n    module: ./steps.ts\n    export: shout') +
      shoutStep('type: Shout\n    module: ./steps.ts\n    export: plain').replace(
        'name: shout',
        'name: again\n    outputs: { loud: louder }',
      ),
  ),
  'spec.json': JSON.stringify({ version: 1, name: 'json', steps: [{ name: 'load', type: 'X' }] }),
}

const tree = createFileTree({ ...files, ...accepted })
const outcomes = new Map<string, Outcome>()

beforeAll(async () => {
  const names = [...Object.keys(refused), ...Object.keys(accepted)]
  const loaded = await loadInNode(tree.path, names)
  for (const [index, name] of names.entries()) outcomes.set(name, loaded[index] ?? {})
})

afterAll(() => tree[Symbol.dispose]())

test.each(Object.keys(refused))('%s is refused with one sentence', (name) => {
  const error = outcomes.get(name)?.error
  const { code, message = '' } = refused[name] ?? {}
  expect(error?.code).toBe(code)
  if (typeof message === 'string') expect(error?.message).toBe(message)
  else expect(error?.message).toMatch(message)
  expect(error?.message).not.toContain('\n')
})

test('a module that throws tells programs the file and the line', () => {
  expect(outcomes.get('throws-below.ts')?.error?.data).toEqual({
    file: join(tree.path, 'throws.ts'),
    line: 2,
  })
})

test('a pipeline of built-in steps has no code of its own', () => {
  for (const name of ['built-in.ts', 'built-in.yaml', 'promise.mjs'])
    expect(outcomes.get(name)).toMatchObject({
      code: null,
      steps: {},
      file: join(tree.path, name),
      spec: { version: 1, name: 'loud' },
    })
})

test("a pipeline's own steps are registered with the hash of its code", () => {
  const custom = outcomes.get('custom.ts')
  expect(custom?.code).toMatch(/^[0-9a-f]{64}$/)
  expect(custom?.steps).toEqual({ Shout: custom?.code })
})

test('a pipeline of another copy of the package is one too', () => {
  const copied = outcomes.get('other-copy.mjs')
  expect(copied?.spec?.name).toBe('copied')
  expect(copied?.steps).toEqual({ Copied: copied?.code })
})

test('steps of a spec come from the modules that it names', () => {
  const custom = outcomes.get('custom.yml')
  expect(custom?.steps).toEqual({ Shout: custom?.code })
  expect(custom?.spec?.steps.map(({ name }) => name)).toEqual(['load', 'shout', 'again'])
})

test('a route comes from the module that it names, and counts as code of the pipeline', () => {
  const routed = outcomes.get('routed.yaml')
  expect(routed?.code).toMatch(/^[0-9a-f]{64}$/)
  expect(routed?.spec?.steps[0]?.route).toMatchObject({ type: 'First', export: 'first' })
})

test('a spec of unknown step types loads; resolving it tells', () => {
  expect(outcomes.get('spec.json')).toMatchObject({ code: null, spec: { name: 'json' } })
})

test('settings change the parameters of a loaded pipeline', async () => {
  const [outcome] = await loadInNode(tree.path, ['custom.ts'], ['shout.inputBatchSize=7'])
  expect(outcome?.spec?.steps[1]?.params).toEqual({ inputBatchSize: 7 })
  expect(outcome?.code).toBe(outcomes.get('custom.ts')?.code)
})
