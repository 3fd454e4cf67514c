import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const ownFolder = fileURLToPath(new URL('../..', import.meta.url))

/** Whether a file is part of this package's own code, as source or built. */
export function isOwnCode(path: string): boolean {
  return path.startsWith(ownFolder)
}

/** Whether a file was installed, so that a package's version stands for it. */
export function isInstalled(path: string): boolean {
  return path.split(sep).includes('node_modules')
}
