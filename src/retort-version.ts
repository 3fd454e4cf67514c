import { readFileSync } from 'node:fs'

/** The release that this process runs; its package.json is one folder up from the source, two from what is built. */
export const retortVersion: string = readVersion(['../package.json', '../../package.json'])

function readVersion(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed)
        return String(parsed.version)
    } catch {
      // The other place has it.
    }
  }
  return '0.0.0'
}
