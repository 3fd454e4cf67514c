import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary folder with files. */
export interface FileTree extends Disposable {
  readonly path: string
  write(files: Readonly<Record<string, string>>): void
}

/** Makes a temporary folder with these files in it, by their relative paths. */
export function createFileTree(files: Readonly<Record<string, string>> = {}): FileTree {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'retort-pipelines-')))
  const write: FileTree['write'] = (more) => {
    for (const [name, content] of Object.entries(more)) {
      mkdirSync(dirname(join(path, name)), { recursive: true })
      writeFileSync(join(path, name), content)
    }
  }
  write(files)
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
