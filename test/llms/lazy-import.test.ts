import { expect, test } from 'vitest'

import { loadedModules } from '../loaded-modules.ts'

const files = ['llm-definitions', 'limiter/limiters', 'connected-llm']

test("importing every type of model loads no provider's client", async () => {
  const loaded = await loadedModules(new URL('../../src/llms/', import.meta.url), files)
  expect(loaded.some((url) => url.endsWith('/openai-llm.ts'))).toBe(true)
  expect(loaded.filter((url) => /node_modules\/(openai|@mistralai|undici)\//.test(url))).toEqual([])
})
