import { writeFileSync } from 'node:fs'

import { pipelineSpecSchema } from '../../src/core/spec-schema.ts'

writeFileSync(
  new URL('../../dist/pipeline.schema.json', import.meta.url),
  `${JSON.stringify(pipelineSpecSchema, undefined, 2)}\n`,
)
