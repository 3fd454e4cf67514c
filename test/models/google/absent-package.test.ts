import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const factories = [
  ['GeminiLLM', 'gemini-llm', 'geminiLLM'],
  ['VertexAILLM', 'vertex-ai-llm', 'vertexAILLM'],
] as const

test.for(factories)('%s says which package it needs', async ([type, file, name]) => {
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier !== '@google/genai') return next(specifier, context)
        const error = new Error("Cannot find package '@google/genai' imported from here")
        throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' })
      },
    })
    const module = await import(process.argv[1])
    const spec = { type: '${type}', params: { model: 'm' } }
    const error = await module.${name}
      .create(spec, { GEMINI_API_KEY: 'some-key', GOOGLE_API_KEY: 'some-key' })
      .catch((thrown) => thrown)
    console.log(JSON.stringify({ code: error.code, message: error.message }))
  `
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
    new URL(`../../../src/models/google/${file}.ts`, import.meta.url).href,
  ])
  expect(JSON.parse(stdout)).toEqual({
    code: 'package-missing',
    message: `${type} needs the package '@google/genai', which is not installed; run 'npm install @google/genai' beside your pipeline.`,
  })
})
