import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readServerFile, type ServerFile } from '../../src/local/keeper/server-file.ts'

/** A `.retort` folder of a test, whose processes and files are gone after it. */
export interface ServerFolder extends AsyncDisposable {
  readonly path: string
  /** What its `server.json` says, which must be there and name a server. */
  file(): Required<ServerFile>
  /** Command lines that name the folder: its keeper's and its server's. */
  processes(): string[]
}

/** Makes a temporary `.retort` folder. */
export function createServerFolder(name = '.retort'): ServerFolder {
  const parent = mkdtempSync(join(tmpdir(), 'retort-server-'))
  const path = join(parent, name)
  const processes = () => processesNaming(path)
  return {
    path,
    file: () => {
      const file = readServerFile(path)
      if (file?.server === undefined) throw new Error(`${path} has no server`)
      return { ...file, server: file.server }
    },
    processes,
    [Symbol.asyncDispose]: async () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
      await until(() => processes().length === 0)
      rmSync(parent, { recursive: true, force: true })
    },
  }
}

/** Waits until a condition holds; fails after 20 seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Never came true: ${holds.toString()}`)
    await delay(20)
  }
}

function processesNaming(path: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'stat=,pid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter(
    (line) => line.includes(path) && !line.startsWith('Z') && /keeper.main|start-dev/.test(line),
  )
}
