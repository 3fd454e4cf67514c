import { resolve } from 'node:path'

/** The folder of what is embedded. */
export function embeddedFolder(folder?: string): string {
  return resolve(folder ?? '.retort')
}

/** The store that options and environment name. */
export function storeUri(options: {
  readonly store?: string | undefined
  readonly folder?: string | undefined
}): string {
  const named = options.store ?? process.env['RETORT_STORE']
  return named === undefined || named === ''
    ? `file:${embeddedFolder(options.folder)}/store`
    : named
}
