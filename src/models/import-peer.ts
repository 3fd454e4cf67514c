import { RetortError } from '../core/errors.ts'

/**
 * Imports an optional package when it is first needed.
 *
 * @param load - `() => import('<name>')`, so that a bundler and the compiler see the name
 * @throws RetortError `package-missing` with how to install it
 */
export async function importPeer<Module>(
  name: string,
  type: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if (!isMissing(error, name)) throw error
    throw new RetortError(
      'package-missing',
      `${type} needs the package '${name}', which is not installed; run 'npm install ${name}' beside your pipeline.`,
      { cause: error },
    )
  }
}

/** Whether the package itself is what could not be found, and not something that it imports. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') &&
    error.message.includes(`'${name}'`)
  )
}
