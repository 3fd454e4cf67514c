import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { messageOf, RetortError } from '../core/errors.ts'
import { buildGoProgram } from './go-build.ts'
import { downloadTemporal } from './temporal-download.ts'

/** The Temporal CLI that Retort downloads or builds: server 1.31.2. */
const version = '1.8.2'

/** The oldest server whose start, update and eager-start calls Retort's SDK relies on. */
const oldestServer = [1, 29] as const

/** A `temporal` binary, and where it was found. */
export interface TemporalBinary {
  readonly path: string
  readonly source: 'path' | 'cache' | 'download' | 'build'
}

/**
 * Finds the Temporal CLI: on the `PATH`, in Retort's cache (`$RETORT_CACHE/bin`, by default `~/.cache/retort/bin`), as a download,
 * or as a Go build of a pinned module, which takes three to four minutes, once.
 *
 * @throws RetortError `temporal-unreachable` where none of these works
 */
export async function findTemporalBinary(
  options: {
    readonly onProgress?: ((line: string) => void) | undefined
    /** Where releases are downloaded from. */
    readonly origin?: string
  } = {},
): Promise<TemporalBinary> {
  const { onProgress = () => {}, origin = 'https://temporal.download' } = options
  const installed = await installedTemporal()
  if (installed !== undefined) return installed
  const cached = cachedBinary()
  const failures: string[] = []
  try {
    await downloadTemporal({ origin, version, target: cached, onProgress })
    return { path: cached, source: 'download' }
  } catch (error) {
    failures.push(`the download failed (${messageOf(error)})`)
  }
  try {
    onProgress(`Building Temporal ${version} with Go: three to four minutes, only this once.`)
    return { path: await build(onProgress), source: 'build' }
  } catch (error) {
    failures.push(`the build failed (${messageOf(error)})`)
  }
  throw new RetortError(
    'temporal-unreachable',
    `No Temporal server is configured and none can be started: ${failures.join(', ')}. Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.26, or set TEMPORAL_ADDRESS.`,
  )
}

/** The Temporal CLI that is on this machine already; `undefined` where none is. */
export async function installedTemporal(): Promise<TemporalBinary | undefined> {
  if (await isRecentServer('temporal')) return { path: 'temporal', source: 'path' }
  const cached = cachedBinary()
  return (await isExecutable(cached)) ? { path: cached, source: 'cache' } : undefined
}

async function build(onProgress: (line: string) => void): Promise<string> {
  const root = import.meta.url.endsWith('.ts') ? '../..' : '../../..'
  let packages = 0
  return await buildGoProgram({
    moduleDir: fileURLToPath(new URL(`${root}/infra/temporal`, import.meta.url)),
    package: 'github.com/temporalio/cli/cmd/temporal',
    name: 'temporal',
    version,
    onProgress: () => {
      packages += 1
      if (packages % 200 === 0)
        onProgress(`Building Temporal ${version}: ${packages} packages done.`)
    },
  })
}

/** Where {@link buildGoProgram} and the download keep the binary. */
function cachedBinary(): string {
  const folder = process.env['RETORT_CACHE'] ?? join(homedir(), '.cache', 'retort')
  return join(folder, 'bin', `temporal-${version}`)
}

async function isRecentServer(command: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: 5000 })
    const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout) ?? []
    return Number(major) === oldestServer[0] && Number(minor) >= oldestServer[1]
  } catch {
    return false
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
