import { afterEach, beforeEach, expect, test } from 'vitest'

import { startParrotServer } from '../models/parrot.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult, startRetort } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

type ParrotServer = Awaited<ReturnType<typeof startParrotServer>>

const built = new URL('../../dist/src/index.js', import.meta.url).href
const env = { PARROT_KEY: 'seed-and-nuts' }
let project: Project
let server: ParrotServer

const parrot = (greeting: string) => `import { defineLLM } from '${built}'
import { z } from '${import.meta.resolve('zod')}'

export const parrot = defineLLM({
  type: 'ParrotLLM',
  params: z.strictObject({ model: z.string().default('grey'), baseURL: z.url() }),
  identity: ({ model }) => ({ provider: 'cage', model, parameters: {} }),
  keyVariable: () => 'PARROT_KEY',
  async create({ model, baseURL }, { connect }) {
    const server = await connect(\`ParrotLLM '\${model}'\`)
    return {
      type: 'ParrotLLM',
      model,
      isSimulated: false,
      async chat({ messages }, options) {
        const said = messages.at(-1)?.content
        const reply = await server.post(\`\${baseURL}/say\`, { model, said }, options)
        return {
          choices: [{ text: '${greeting}' + reply['text'], finishReason: 'stop' }],
          usage: { inputTokens: Number(reply['read']), outputTokens: Number(reply['spoken']) },
          model,
        }
      },
      close: () => server.close(),
    }
  },
})
export const number = 3
`
const module = () => `import { Pipeline, loadDataFromFileSystem, textGeneration } from '${built}'
import { z } from '${import.meta.resolve('zod')}'
import { parrot } from './parrot.ts'

export default Pipeline.from(
  'birds',
  loadDataFromFileSystem({ dataFiles: 'prompts.jsonl', columns: z.object({ instruction: z.string() }) }),
).step('say', textGeneration({ llm: parrot({ baseURL: '${server.url}', limits: { maxConcurrency: 2 } }) }))
`
const yaml = (exported: string) => `version: 1
name: birds
steps:
  - name: load
    type: LoadDataFromFileSystem
    params: { dataFiles: prompts.jsonl }
  - name: say
    type: TextGeneration
    after: [load]
    params:
      llm:
        type: ParrotLLM
        module: ./parrot.ts
        export: ${exported}
        params: { baseURL: '${server.url}' }
`

beforeEach(async () => {
  server = await startParrotServer()
  project = createProject()
  project.write('package.json', '{ "type": "module" }')
  project.write('parrot.ts', parrot(''))
  project.write('birds.ts', module())
  const prompts = ['hello', 'who?', 'crackers']
  project.write(
    'prompts.jsonl',
    prompts.map((instruction) => JSON.stringify({ instruction })).join('\n'),
  )
})
afterEach(async () => {
  project.remove()
  await server.close()
})

const texts = async (run: string) =>
  (await readRows(project.folder, run)).map((row) => JSON.parse(row).generation)

test('a pipeline asks a model that its own module defines, and asks again only what was not answered', async () => {
  const first = await runToResult(
    project.folder,
    ['birds.ts', '--run-id', 'first', '--max-rows', '2'],
    env,
  )
  expect(first).toMatchObject({ status: 'completed', calls: 2, dataset: { rows: 2 } })
  expect(await texts('first')).toEqual(['hello!', 'who?!'])
  expect(server.calls[0]?.headers.authorization).toBe('Bearer seed-and-nuts')

  // Its code is another, and the answers are as good as they were.
  project.write('parrot.ts', parrot('Arr, '))
  const second = await runToResult(project.folder, ['birds.ts', '--run-id', 'second'], env)
  expect(second).toMatchObject({ status: 'completed', calls: 1, reusedAnswers: 2 })
  expect(await texts('second')).toEqual(['hello!', 'who?!', 'Arr, crackers!'])

  const changed = await retort(project.folder, ['run', 'birds.ts', '--run-id', 'first'], env)
  expect(changed.code).toBe(2)
  expect(changed.stderr).toContain("step 'say' changed")
})

test('a worker that is given the file asks such a model for runs that are started elsewhere', async () => {
  const dev = startRetort(project.folder, ['dev', 'birds.ts'], env)
  try {
    await waitUntil(() => (dev.output().stderr.match(/task queue/g) ?? []).length === 2, 'workers')
    const started = await retort(project.folder, ['start', 'birds.ts', '--run-id', 'shared'], env)
    expect(started).toMatchObject({ code: 0 })
    expect(started.stderr).not.toContain('No worker')
    const watched = await retort(project.folder, ['watch', 'shared', '--json'])
    expect(JSON.parse(watched.stdout)).toMatchObject({ status: 'completed', calls: 3 })
    expect(await texts('shared')).toEqual(['hello!', 'who?!', 'crackers!'])
  } finally {
    dev.child.kill('SIGINT')
    await dev.ended
  }
})

test('YAML names the module and the export that define a model', async () => {
  project.write('birds.yaml', yaml('parrot'))
  const run = ['birds.yaml', '--run-id', 'yaml']
  expect(await runToResult(project.folder, run, env)).toMatchObject({
    status: 'completed',
    calls: 3,
  })
  expect(await runToResult(project.folder, run, env)).toMatchObject({
    status: 'completed',
    calls: 3,
  })
  expect(server.calls).toHaveLength(3)
  expect(await texts('yaml')).toEqual(['hello!', 'who?!', 'crackers!'])
})

test.for([
  ['perrot', "has no export 'perrot', which the model of step 'say' names. Did you mean 'parrot'?"],
  [
    'number',
    "Export 'number' of module './parrot.ts', which the model of step 'say' names, is no model",
  ],
])('an export %s is refused before anything is started', async ([exported, sentence]) => {
  project.write('birds.yaml', yaml(exported ?? ''))
  const { code, stderr } = await retort(project.folder, ['run', 'birds.yaml'], env)
  expect(code).toBe(2)
  expect(stderr).toContain(sentence)
  expect(server.calls).toEqual([])
})

test('a model that no module defines, or that lacks its key, is refused in a sentence', async () => {
  project.write('birds.yaml', yaml('parrot').replace(/ {8}(module|export): .*\n/g, ''))
  const unknown = await retort(project.folder, ['run', 'birds.yaml'], env)
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain(
    "The model of step 'say' has the type 'ParrotLLM', which is not known here.",
  )
  const lacking = await retort(project.folder, ['run', 'birds.ts'], { PARROT_KEY: '' })
  expect(lacking.code).toBe(2)
  expect(lacking.stderr).toContain('needs a key in the environment variable PARROT_KEY')
})
