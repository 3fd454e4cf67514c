import { expect, test } from 'vitest'

import { loadedModules } from '../../loaded-modules.ts'

const files = ['index', 'registry', 'storage/source-files', 'storage/hub/dataset-hub']

test("importing the package loads neither the Hub's library nor the SDK of S3", async () => {
  const loaded = await loadedModules(new URL('../../../src/', import.meta.url), files)
  expect(loaded.some((url) => url.endsWith('/dataset-hub.ts'))).toBe(true)
  expect(loaded.filter((url) => /node_modules\/(@huggingface\/hub|@aws-sdk)\//.test(url))).toEqual(
    [],
  )
})
