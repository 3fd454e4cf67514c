import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'

import { RetortError, messageOf } from '../../core/errors.ts'
import type { Environment } from '../../core/environment.ts'

/**
 * The environment with what a `.env` beside the pipeline's file adds to it; real variables win.
 *
 * @throws RetortError `file-malformed` where there is one that cannot be read
 */
export async function readDotEnv(
  pipelineFile: string,
  environment: Environment = process.env,
): Promise<Environment> {
  const path = join(dirname(resolve(pipelineFile)), '.env')
  try {
    const text = await readFile(path, 'utf8')
    return { ...parseEnv(text.replace(/^\uFEFF/, '')), ...environment }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    // Python's tools make folders of that name.
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return environment
    throw new RetortError('file-malformed', `'${path}' cannot be read: ${messageOf(cause)}.`, {
      cause,
    })
  }
}
