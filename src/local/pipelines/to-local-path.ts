import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The path of what a stack or a loader names, as `file:` URL or path; `undefined` for what is no file. */
export function toLocalPath(name: string): string | undefined {
  const [plain = ''] = name.split(/[?#]/)
  if (plain.startsWith('file:')) return fileURLToPath(plain)
  return isAbsolute(plain) ? plain : undefined
}
