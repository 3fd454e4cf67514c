import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What comes of making a model live where the optional package that it needs is not installed. */
export interface Outcome {
  readonly code: string
  readonly message: string
}

/**
 * Makes a model live in a process of its own, in which a package cannot be found.
 *
 * @param module - where the code of its type is, under `src/models/`
 */
export async function createWithout(
  packageName: string,
  module: string,
  definition: string,
  params: object,
): Promise<Outcome> {
  const script = `
    import { registerHooks } from 'node:module'
    const [name, url, definition, params] = process.argv.slice(1)
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier !== name && !specifier.startsWith(name + '/')) return next(specifier, context)
        const message = "Cannot find package '" + name + "' imported from " + context.parentURL
        throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' })
      },
    })
    const { [definition]: code } = await import(url)
    const spec = { type: code.type, params: JSON.parse(params) }
    const { code: error, message } = await code.create(spec, {}).catch((thrown) => thrown)
    console.log(JSON.stringify({ code: error, message }))
  `
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
    packageName,
    new URL(`../../src/models/${module}.ts`, import.meta.url).href,
    definition,
    JSON.stringify(params),
  ])
  return JSON.parse(stdout) as Outcome
}
