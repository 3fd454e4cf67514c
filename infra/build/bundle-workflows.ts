import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker'

/** Bundles the compiled workflows, so that no worker spends its start on it. */
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../../dist/workflows/index.js', import.meta.url)),
  logger: new DefaultLogger('WARN'),
})
writeFileSync(new URL('../../dist/workflow-bundle.js', import.meta.url), code)
