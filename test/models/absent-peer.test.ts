import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, expect, test } from 'vitest'

import type { JsonObject } from '../../src/core/json.ts'
import { modelDefinitions } from '../../src/models/model-definitions.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-absent-'))
const modelPath = join(folder, 'model.gguf')
await writeFile(modelPath, 'GGUF')
for (const name of ['config', 'tokenizer', 'tokenizer_config'])
  await writeFile(join(folder, `${name}.json`), '{}')

afterAll(() => rm(folder, { recursive: true }))

const models: readonly (readonly [type: string, params: JsonObject])[] = [
  ['LlamaCppLLM', { modelPath }],
  ['LlamaCppEmbeddings', { modelPath }],
  ['TransformersLLM', { model: folder }],
  ['TransformersEmbeddings', { model: folder }],
  ['SentenceTransformerEmbeddings', { model: folder }],
]

test.for(models)('%s names the package that it lacks', async ([type, params]) => {
  const peer = modelDefinitions.get(type)?.peer ?? ''
  expect(peer).not.toBe('')
  expect(await createWithout(peer, { type, params })).toEqual({
    code: 'package-missing',
    message: `${type} needs the package '${peer}', which is not installed; run 'npm install ${peer}' beside your pipeline.`,
  })
})

/** What making a model live throws in a process where a package cannot be found, also by threads that it starts. */
async function createWithout(peer: string, spec: JsonObject): Promise<unknown> {
  const hooks = join(folder, 'hooks.mjs')
  await writeFile(
    hooks,
    `import { registerHooks } from 'node:module'
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier !== process.env.ABSENT) return next(specifier, context)
        throw Object.assign(new Error("Cannot find package '" + specifier + "'"), {
          code: 'ERR_MODULE_NOT_FOUND',
        })
      },
    })`,
  )
  const script = join(folder, 'create.mjs')
  await writeFile(
    script,
    `const [definitions, spec] = process.argv.slice(2)
    const { modelDefinitions } = await import(definitions)
    const { type, params } = JSON.parse(spec)
    try {
      await modelDefinitions.get(type).create({ type, params }, process.env)
    } catch ({ code, message }) {
      console.log(JSON.stringify({ code, message }))
    }`,
  )
  const definitions = new URL('../../src/models/model-definitions.ts', import.meta.url).href
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', hooks, script, definitions, JSON.stringify(spec)],
    { env: { ...process.env, ABSENT: peer } },
  )
  return JSON.parse(stdout)
}
