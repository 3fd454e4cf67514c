import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../../storage/process-identity.ts'

/** Where a server of 127.0.0.1 listens. */
export interface Ports {
  readonly port: number
  readonly uiPort: number
}

/** `server.json`: where a folder's keeper and its server are. */
export interface ServerFile {
  readonly version: 1
  readonly keeper: ProcessIdentity
  /** Where clients hold their sockets. */
  readonly keeperPort: number
  /** Absent until one was started. */
  readonly server?: ProcessIdentity & Ports
}

/** Reads a folder's `server.json`; `undefined` where there is none that this version can read. */
export function readServerFile(folder: string): ServerFile | undefined {
  try {
    const file: ServerFile = JSON.parse(readFileSync(serverFilePath(folder), 'utf8'))
    return file.version === 1 ? file : undefined
  } catch {
    return undefined
  }
}

/** Replaces a folder's `server.json` whole, so that no reader sees half of it. */
export function writeServerFile(folder: string, file: ServerFile): void {
  const draft = `${serverFilePath(folder)}.${randomUUID()}`
  writeFileSync(draft, `${JSON.stringify(file, undefined, 2)}\n`)
  renameSync(draft, serverFilePath(folder))
}

export function removeServerFile(folder: string): void {
  rmSync(serverFilePath(folder), { force: true })
}

function serverFilePath(folder: string): string {
  return join(folder, 'server.json')
}
