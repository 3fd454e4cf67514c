import { expect, test } from 'vitest'

import { loadedModules } from '../loaded-modules.ts'

const files = [
  'model-definitions',
  'limiter/limiters',
  'connected-llm',
  'structured/load-structured',
]
/** What every process needs. */
const allowed = /node_modules\/(zod|@noble\/hashes|@standard-schema)\//

test("importing every type of model loads no provider's client", async () => {
  const loaded = await loadedModules(new URL('../../src/models/', import.meta.url), files)
  expect(loaded.some((url) => url.endsWith('/openai-llm.ts'))).toBe(true)
  expect(loaded.filter((url) => url.includes('node_modules') && !allowed.test(url))).toEqual([])
})
