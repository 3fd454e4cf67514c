import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const files = ['index', 'registry', 'storage/source-files', 'storage/hub/dataset-hub']

test("importing the package loads neither the Hub's library nor the SDK of S3", async () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({
      load(url, context, next) {
        loaded.push(url)
        return next(url, context)
      },
    })
    for (const file of ${JSON.stringify(files)})
      await import(new URL(file + '.ts', process.argv[1]).href)
    console.log(JSON.stringify(loaded))
  `
  const folder = new URL('../../../src/', import.meta.url).href
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
    folder,
  ])
  const loaded = JSON.parse(stdout) as string[]
  expect(loaded.some((url) => url.endsWith('/dataset-hub.ts'))).toBe(true)
  expect(loaded.filter((url) => /node_modules\/(@huggingface\/hub|@aws-sdk)\//.test(url))).toEqual(
    [],
  )
})
