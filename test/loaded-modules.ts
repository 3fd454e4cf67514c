import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Addresses of all modules that importing some modules of a folder loads, in a process of its own. */
export async function loadedModules(folder: URL, files: readonly string[]): Promise<string[]> {
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
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
    folder.href,
  ])
  return JSON.parse(stdout) as string[]
}
