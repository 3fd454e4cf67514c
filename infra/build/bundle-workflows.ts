import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker'

/** Bundles the compiled workflows, so that no worker spends its start on it. */
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../../dist/workflows/index.js', import.meta.url)),
  logger: new DefaultLogger('WARN'),
})

// Two thirds of the bundle are a source map, which every worker would parse before its first workflow. A worker
// insists on one, so it gets an empty one.
const emptyMap = Buffer.from(
  JSON.stringify({ version: 3, sources: [], names: [], mappings: '' }),
).toString('base64')
const mapped = /(sourceMappingURL=data:application\/json;charset=utf-8;base64,)[\w+/=]+\s*$/
if (!mapped.test(code))
  throw new Error('The bundle ends in no source map; look at how it ends now.')
writeFileSync(
  new URL('../../dist/workflow-bundle.js', import.meta.url),
  code.replace(mapped, `$1${emptyMap}\n`),
)
