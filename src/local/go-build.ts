import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { access, constants, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

import { RetortError } from '../core/errors.ts'
import { withFileLock } from '../storage/file-lock.ts'

/** Which program to build, from a module that pins it and all that it depends on. */
export interface GoProgram {
  /** Folder with `go.mod` and `go.sum`. */
  readonly moduleDir: string
  /** Import path of the program's `main` package. */
  readonly package: string
  readonly name: string
  readonly version: string
  /** Gets what the compiler is at, line by line. */
  readonly onProgress?: (line: string) => void
}

/**
 * Builds a Go program, once for each user of a machine, and returns the path of its binary.
 *
 * It is kept in `$RETORT_CACHE/bin`, by default `~/.cache/retort/bin`. Building takes minutes; of processes that ask
 * at the same moment one builds and the others wait for it.
 *
 * @throws RetortError `package-missing` when Go is not installed or the build fails
 */
export async function buildGoProgram(program: GoProgram): Promise<string> {
  const folder = join(process.env['RETORT_CACHE'] ?? join(homedir(), '.cache', 'retort'), 'bin')
  const binary = join(folder, `${program.name}-${program.version}`)
  if (await isExecutable(binary)) return binary
  await mkdir(folder, { recursive: true })
  await withFileLock(
    `${binary}.lock`,
    async () => {
      if (!(await isExecutable(binary))) await build(program, binary)
    },
    { patienceMs: Infinity },
  )
  return binary
}

async function build(program: GoProgram, binary: string): Promise<void> {
  const go = await findGo(program)
  const draft = `${binary}.${randomUUID()}`
  try {
    await compile(go, program, draft)
    await rename(draft, binary)
  } finally {
    await rm(draft, { force: true })
  }
}

async function findGo(program: GoProgram): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of folders)
    if (await isExecutable(join(folder, 'go'))) return join(folder, 'go')
  throw new RetortError(
    'package-missing',
    `Building ${program.name} ${program.version} needs Go, which is not on the PATH: install it from https://go.dev/dl and try again.`,
  )
}

async function compile(go: string, program: GoProgram, output: string): Promise<void> {
  const flags = ['-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w']
  const compiler = spawn(go, ['build', ...flags, '-o', output, program.package], {
    cwd: program.moduleDir,
    // Without cgo no C compiler is needed, and the binary runs whatever the machine's libc is.
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  createInterface({ input: compiler.stderr }).on('line', (line) => {
    program.onProgress?.(line)
    lines.push(line)
  })
  const exitCode = await new Promise<number | null>((resolve, refuse) => {
    compiler.once('error', refuse)
    compiler.once('close', resolve)
  })
  if (exitCode === 0) return
  throw new RetortError(
    'package-missing',
    `Building ${program.name} ${program.version} with ${go} failed: ${lines.slice(-5).join(' ')}`,
    { data: { module: program.moduleDir } },
  )
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
