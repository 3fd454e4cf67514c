import { join } from 'node:path'

import { Pipeline, llmFromEnvironment, loadDataFromFileSystem } from 'retort'
import { z } from 'zod'

import { ossInstruct } from './oss-instruct.ts'
import { randomSnippet } from './random-snippet.ts'

/**
 * Programming problems with solutions, out of the source of this repository.
 *
 * It takes 20 files and so makes at most 20 calls. For more: `--set load.numExamples=200`, for other code:
 * `--set load.dataFiles=path/to/code`.
 */
export default Pipeline.from(
  'oss-instruct',
  loadDataFromFileSystem({
    dataFiles: join(import.meta.dirname, '../../src'),
    filetype: 'text',
    numExamples: 20,
    columns: z.object({ path: z.string(), text: z.string() }),
  }),
)
  .step('snippet', randomSnippet())
  .step('generate', ossInstruct({ llm: llmFromEnvironment() }))
  .keep('path', 'code_snippet', 'problem', 'solution', 'model_name')
