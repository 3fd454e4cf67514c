import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isRetortError, messageOf } from '../../core/errors.ts'
import type { ProcessIdentity } from '../../storage/process-identity.ts'
import { type ClientDoor, openClientDoor } from './client-door.ts'
import { holdsLock, releaseLock } from './keeper-lock.ts'
import type { KeeperOptions } from './keeper-options.ts'
import { removeServerFile } from './server-file.ts'
import { boundServerLog, endServer } from './server-process.ts'
import { superviseServer, type Supervisor } from './server-supervisor.ts'

/** Milliseconds that a server may take to end by itself. */
const endPatienceMs = 3000

/** Milliseconds between two looks at the folder. */
const lookMs = 200

/**
 * Keeps a folder's server going until nobody needs it, then ends it.
 *
 * The caller holds the folder's lock, which is given up at the end.
 */
export async function runKeeper(options: KeeperOptions, self: ProcessIdentity): Promise<void> {
  const { folder } = options
  const lock = join(folder, 'keeper.lock')
  writeFileSync(join(folder, 'keeper.log'), '')
  const door = await openClientDoor(options.graceMs)
  const stop = new AbortController()
  const supervisor = superviseServer(options, { self, door, signal: stop.signal })
  const reason = await Promise.race([
    reportFailure(supervisor, door),
    door.deserted.then(() => 'deserted'),
    whenSignalled(),
    whenGone(folder, () => holdsLock(lock, self)),
  ])
  note(`stops: ${reason}`)
  stop.abort()
  const isGone = reason === 'gone'
  if (!isGone) removeServerFile(folder)
  door.close()
  const server = supervisor.server()
  if (server !== undefined) await endServer(server, isGone ? 0 : endPatienceMs)
  if (!isGone) releaseLock(lock, self)
}

async function reportFailure(supervisor: Supervisor, door: ClientDoor): Promise<string> {
  const error = await supervisor.failed
  note(messageOf(error))
  door.greet({
    ready: false,
    code: isRetortError(error) ? error.code : 'temporal-unreachable',
    message: messageOf(error),
    data: isRetortError(error) ? error.data : {},
  })
  // Whoever started this keeper may not have found its port yet.
  await Promise.race([door.left, delay(2000)])
  return 'failed'
}

function whenSignalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(name, () => resolve(name))
  })
}

async function whenGone(folder: string, isOurs: () => boolean): Promise<string> {
  for (let look = 1; isOurs(); look++) {
    if (look % 100 === 0) boundServerLog(folder)
    await delay(lookMs)
  }
  return 'gone'
}

function note(text: string): void {
  console.error(`${new Date().toISOString()} ${text}`)
}
