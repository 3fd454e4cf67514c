import { getCallSites } from 'node:util'

import { isOwnCode } from './own-code.ts'
import { toLocalPath } from './to-local-path.ts'

/**
 * The file of the code that called this package, for programs whose own file is their pipeline's code.
 *
 * Call it before anything is awaited; behind an `await` nobody knows who called.
 *
 * @returns `undefined` where that code is in no file, as in a REPL
 */
export function callerFile(): string | undefined {
  for (const { scriptName } of getCallSites(100)) {
    const path = toLocalPath(scriptName)
    if (path !== undefined && !isOwnCode(path)) return path
  }
  return undefined
}
