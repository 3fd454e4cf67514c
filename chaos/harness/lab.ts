import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startFakeProcess } from '../../bench/engine/fake-process.ts'
import type { FakeProcess } from '../../bench/engine/fake-process.ts'
import type { FakeOptions } from '../../bench/fake-server/fake-options.ts'
import type { RunResult } from '../../src/core/run-report.ts'
import { startRetort } from '../../test/e2e/retort-command.ts'
import type { Ended, Going } from '../../test/e2e/retort-command.ts'
import { processesNaming } from './processes.ts'
import { sleep } from './sleep.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a process may take to go by itself once nobody needs it. */
const patienceMs = 20_000

/** A place for one scenario: folders, processes and what they print, all gone when it closes. */
export interface Lab {
  readonly folder: string
  /** A folder for a project, with files in it. */
  project(name: string, files: Readonly<Record<string, string>>): string
  /** Starts the built command in a folder. */
  start(folder: string, args: readonly string[], env?: NodeJS.ProcessEnv): Going
  /** Runs it to its end. */
  run(folder: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>
  fake(options: Partial<FakeOptions>): Promise<FakeProcess>
  /** Does something when the lab closes, the last first. */
  defer(close: () => Promise<void> | void): void
  /** Ends what still runs, keeps logs in a folder where one is named, and tells which processes had to be ended. */
  close(logs: string | undefined): Promise<readonly string[]>
}

/** The environment of a command that finds its own server, store and key. */
const plain: NodeJS.ProcessEnv = {
  FAKE_KEY: 'key',
  RETORT_KEEPER_GRACE_MS: '500',
  TEMPORAL_ADDRESS: '',
  RETORT_STORE: '',
  OPENAI_API_KEY: '',
  OPENAI_BASE_URL: '',
  MISTRAL_API_KEY: '',
}

/** Makes a lab with a folder of its own. */
export function createLab(name: string): Lab {
  const folder = mkdtempSync(join(tmpdir(), `retort-chaos-${name}-`))
  const going: { args: readonly string[]; command: Going }[] = []
  const closers: (() => Promise<void> | void)[] = []
  const drop = () => {
    for (const { command } of going) command.child.kill('SIGKILL')
    // Keepers end with their folder.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', drop)

  const start: Lab['start'] = (where, args, env = {}) => {
    const command = startRetort(where, args, { ...plain, ...env })
    going.push({ args, command })
    return command
  }

  return {
    folder,
    project(name, files) {
      const path = join(folder, name)
      mkdirSync(path, { recursive: true })
      for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
      linkPackages(path)
      return path
    },
    start,
    run: (where, args, env) => start(where, args, env).ended,
    async fake(options) {
      const fake = await startFakeProcess(options)
      closers.push(() => fake.stop())
      return fake
    },
    defer: (close) => void closers.push(close),
    async close(logs) {
      process.off('exit', drop)
      for (const { command } of going) command.child.kill('SIGCONT')
      for (const { command } of going) command.child.kill('SIGKILL')
      await Promise.all(going.map(({ command }) => command.ended))
      if (logs !== undefined) keepLogs(folder, logs, going)
      for (const close of closers.toReversed()) await close()
      const left = await endProcesses(folder)
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
      return left
    },
  }
}

/** Modules of a project find this package and zod as if they were installed. */
function linkPackages(project: string): void {
  const modules = join(project, 'node_modules')
  if (existsSync(modules)) return
  mkdirSync(modules)
  symlinkSync(root, join(modules, 'retort'))
  symlinkSync(join(root, 'node_modules', 'zod'), join(modules, 'zod'))
}

/** Sees to it that a command did what it was asked. */
export function succeeded(ended: Ended): Ended {
  if (ended.code === 0) return ended
  throw new Error(`A command ended with ${ended.code}: ${ended.stderr.slice(-600)}`)
}

/** What `--json` printed. */
export function resultOf({ code, stdout, stderr }: Ended): RunResult {
  if (stdout.trim() === '') throw new Error(`The command ended with ${code}: ${stderr.slice(-600)}`)
  return JSON.parse(stdout) as RunResult
}

/** Waits for the folder's keeper and server to go by themselves, and ends those that don't. */
async function endProcesses(folder: string): Promise<readonly string[]> {
  const deadline = performance.now() + patienceMs
  while (processesNaming(folder).length > 0 && performance.now() < deadline) await sleep(100)
  const left = processesNaming(folder)
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  while (processesNaming(folder).length > 0) await sleep(20)
  return left.map(({ pid, command }) => `${pid} ${command.slice(0, 200)}`)
}

function keepLogs(
  folder: string,
  logs: string,
  going: readonly { args: readonly string[]; command: Going }[],
): void {
  mkdirSync(logs, { recursive: true })
  for (const [index, { args, command }] of going.entries()) {
    const { stdout, stderr } = command.output()
    const name = `${String(index).padStart(2, '0')}-${args[0]}.txt`
    writeFileSync(join(logs, name), `retort ${args.join(' ')}\n\n${stdout}\n\n${stderr}\n`)
  }
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.log')) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, dirname(path)).replaceAll('/', '_')
    copyFileSync(path, join(logs, `${name}_${basename(path)}`))
  }
}
