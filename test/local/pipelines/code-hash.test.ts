import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { hashCode } from '../../../src/local/pipelines/code-hash.ts'
import { createFileTree } from './file-tree.ts'

/** Every way in which code names other files, each of them to a file of its own. */
const code = {
  'package.json': '{ "type": "module", "imports": { "#mapped": "./mapped.js" } }',
  'pipeline.ts': `
    import { a } from './static.ts'
    import './effect.ts'
    import {} from './names-nothing.ts'
    import { type B } from './type-in-braces.ts'
    import type { C } from './type-only.ts'
    import data from './data.json' with { type: 'json' }
    import '#mapped'
    export * from './star.ts'
    export { d } from './named.ts'
    export {} from './names-nothing-again.ts'
    export type { E } from './type-exported.ts'
    import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    require('./required.cjs')
    const later = () => import('./dynamic.ts')
    const template = () => import(\`./template.ts\`)
    const prompt = new URL('./a%20prompt.md', import.meta.url)
    const shots = join(import.meta.dirname, 'shots', 'first.txt')
    const rules = \`\${import.meta.dirname}/rules.txt\`
    const elsewhere = new URL('./elsewhere.txt', 'https://example.org')
    const absent = new URL('./absent.txt', import.meta.url)
    const folder = new URL('./shots/', import.meta.url)
    const unknown = (name: string) => import(name)
  `,
  'static.ts': `import { deep } from './deep/below.ts'\nexport const a = deep`,
  'deep/below.ts': `import '../static.ts'\nexport const deep = 1`,
  'effect.ts': '1',
  'names-nothing.ts': '1',
  'names-nothing-again.ts': '1',
  'type-in-braces.ts': '1',
  'type-only.ts': '1',
  'type-exported.ts': '1',
  'data.json': '1',
  'mapped.js': '1',
  'star.ts': '1',
  'named.ts': '1',
  'required.cjs': `require('./without-ending')`,
  'without-ending.js': '1',
  'dynamic.ts': '1',
  'template.ts': '1',
  'a prompt.md': '1',
  'shots/first.txt': '1',
  'shots/second.txt': '1',
  'rules.txt': '1',
  'elsewhere.txt': '1',
  'unrelated.ts': '1',
}

const uncounted = [
  'package.json',
  'type-only.ts',
  'type-exported.ts',
  'shots/second.txt',
  'elsewhere.txt',
  'unrelated.ts',
]

const tree = createFileTree(code)
afterAll(() => tree[Symbol.dispose]())

const hashOf = (folder: string) => hashCode(join(folder, 'pipeline.ts'))

test.each(Object.entries(code).filter(([name]) => !uncounted.includes(name)))(
  'a change of %s changes the hash',
  async (name, content) => {
    const before = await hashOf(tree.path)
    tree.write({ [name]: `${content} ` })
    const after = await hashOf(tree.path)
    tree.write({ [name]: content })
    expect(after).not.toBe(before)
    expect(await hashOf(tree.path)).toBe(before)
  },
)

test.each(uncounted)('a change of %s changes nothing', async (name) => {
  const content = Object.entries(code).find(([other]) => other === name)?.[1] ?? ''
  const before = await hashOf(tree.path)
  tree.write({ [name]: `${content} ` })
  expect(await hashOf(tree.path)).toBe(before)
  tree.write({ [name]: content })
})

test('the hash is the same in another folder, and through a link', async () => {
  using other = createFileTree()
  cpSync(tree.path, join(other.path, 'copy'), { recursive: true })
  symlinkSync(tree.path, join(other.path, 'link'))
  const before = await hashOf(tree.path)
  expect(await hashOf(join(other.path, 'copy'))).toBe(before)
  expect(await hashOf(join(other.path, 'link'))).toBe(before)
})

test('a file that moves changes the hash', async () => {
  using before = createFileTree({ 'pipeline.ts': `import './a.ts'`, 'a.ts': '1' })
  using after = createFileTree({ 'pipeline.ts': `import './b.ts'`, 'b.ts': '1' })
  expect(await hashOf(after.path)).not.toBe(await hashOf(before.path))
})

test('modules count in any order, by their names below a folder', async () => {
  const [a, b] = [join(tree.path, 'static.ts'), join(tree.path, 'star.ts')]
  expect(await hashCode([a, b], tree.path)).toBe(await hashCode([b, a], tree.path))
  expect(await hashCode([a], tree.path)).not.toBe(await hashCode([b], tree.path))
})

test('a package counts by its version, not by its files', async () => {
  using project = createFileTree({
    'pipeline.ts': `import 'dependency/part.js'`,
    'node_modules/dependency/package.json': '{ "name": "dependency", "version": "1.0.0" }',
    'node_modules/dependency/part.js': '1',
  })
  const before = await hashOf(project.path)
  project.write({ 'node_modules/dependency/part.js': '2' })
  expect(await hashOf(project.path)).toBe(before)
  project.write({
    'node_modules/dependency/package.json': '{ "name": "dependency", "version": "1.0.1" }',
  })
  expect(await hashOf(project.path)).not.toBe(before)
})

test.each([
  ['leads to its files', `{ "name": "linked", "version": "1.0.0", "exports": "./index.js" }`],
  [
    'says nothing but import',
    `{ "name": "linked", "version": "1.0.0", "exports": { "import": "./index.js" } }`,
  ],
])('a linked package that %s counts by them', async (_, manifest) => {
  using project = createFileTree({
    'app/pipeline.ts': `import 'linked'`,
    'linked/package.json': manifest,
    'linked/index.js': `import './inner.js'`,
    'linked/inner.js': '1',
  })
  mkdirSync(join(project.path, 'app/node_modules'))
  symlinkSync('../../linked', join(project.path, 'app/node_modules/linked'))
  const before = await hashOf(join(project.path, 'app'))
  project.write({ 'linked/inner.js': '2' })
  expect(await hashOf(join(project.path, 'app'))).not.toBe(before)
})

test('this package counts by its version, also where it is linked', async () => {
  using project = createFileTree({
    'app/pipeline.ts': `import 'retort'`,
    'checkout/package.json': '{ "name": "retort", "version": "1.0.0", "exports": "./index.js" }',
    'checkout/index.js': '1',
  })
  mkdirSync(join(project.path, 'app/node_modules'))
  symlinkSync('../../checkout', join(project.path, 'app/node_modules/retort'))
  const before = await hashOf(join(project.path, 'app'))
  project.write({ 'checkout/index.js': '2' })
  expect(await hashOf(join(project.path, 'app'))).toBe(before)
})

test('what leads nowhere counts by its text', async () => {
  using here = createFileTree({ 'pipeline.ts': `import './x.ts'` })
  const before = await hashOf(here.path)
  here.write({ 'x.ts': '1' })
  expect(await hashOf(here.path)).not.toBe(before)
})

test('code that does not parse counts by its content', async () => {
  using here = createFileTree({ 'pipeline.ts': `export default {{` })
  expect(await hashOf(here.path)).toMatch(/^[0-9a-f]{64}$/)
})
