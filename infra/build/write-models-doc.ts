import { writeFileSync } from 'node:fs'

import { modelsDoc } from './models-doc.ts'

writeFileSync(new URL('../../docs/models.md', import.meta.url), modelsDoc())
