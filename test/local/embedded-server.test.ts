import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { connectEmbeddedServer, type EmbeddedServer } from '../../src/local/embedded-server.ts'
import { isServing } from '../../src/local/keeper/server-health.ts'
import { isAlive } from '../../src/storage/process-identity.ts'
import { createServerFolder, type ServerFolder, until } from './server-folder.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: ServerFolder

beforeEach(() => {
  vi.stubEnv('RETORT_KEEPER_GRACE_MS', '300')
  folder = createServerFolder()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await folder[Symbol.asyncDispose]()
})

async function joined(path = folder.path): Promise<EmbeddedServer> {
  const server = await connectEmbeddedServer({ folder: path })
  onTestFinished(() => server.close())
  return server
}

async function clientOf(server: EmbeddedServer): Promise<Client> {
  const connection = await Connection.connect({ address: server.address })
  onTestFinished(() => connection.close())
  return new Client({ connection, namespace: server.namespace })
}

interface Command {
  readonly child: ChildProcess
  readonly told: { address: string; file: ReturnType<ServerFolder['file']> }
}

async function runCommand(): Promise<Command> {
  const script = fileURLToPath(new URL('join-command.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder.path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [line] = await once(child.stdout, 'data')
  return { child, told: JSON.parse(String(line)) }
}

test('a first command starts a server that serves workflows and a UI', async () => {
  const server = await joined()
  const client = await clientOf(server)
  await client.workflow.start('later', { workflowId: 'first', taskQueue: 'nobody' })
  expect((await client.workflow.getHandle('first').describe()).status.name).toBe('RUNNING')
  await until(async () => (await fetch(server.uiUrl)).ok)
})

test('a second command joins the server of the first', async () => {
  const first = await joined()
  const { keeper, server } = folder.file()
  const second = await joined()
  expect(second.address).toBe(first.address)
  expect(folder.file()).toMatchObject({ keeper, server })
})

test('commands that start at the same moment get one keeper and one server', async () => {
  const commands = await Promise.all([runCommand(), runCommand(), runCommand()])
  const [first] = commands
  for (const { told } of commands) expect(told).toEqual(first?.told)
  expect(folder.processes().filter((line) => line.includes('start-dev'))).toHaveLength(1)
  await until(() => folder.processes().filter((line) => line.includes('main.ts')).length === 1)
})

test('a server stays for others when the command that started it is killed', async () => {
  const { child, told } = await runCommand()
  const second = await joined()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(second.address).toBe(told.address)
  expect(await isServing(folder.file().server.port)).toBe(true)
})

test('a server stops once its last command has gone, even killed, and comes back with its history', async () => {
  const { child, told } = await runCommand()
  const first = await joined()
  const client = await clientOf(first)
  await client.workflow.start('later', { workflowId: 'kept', taskQueue: 'nobody' })
  first.close()
  child.kill('SIGKILL')
  await until(() => folder.processes().length === 0)
  expect(readdirSync(folder.path)).not.toContain('server.json')
  expect(readdirSync(folder.path)).not.toContain('keeper.lock')

  const second = await joined()
  expect(second.address).toBe(told.address)
  const again = await clientOf(second)
  expect((await again.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING')
})

test('the next command adopts the server of a killed keeper', async () => {
  const first = await joined()
  const { keeper, server } = folder.file()
  first.close()
  process.kill(keeper.pid, 'SIGKILL')
  await until(() => !isAlive(keeper))
  await joined()
  expect(folder.file().server).toEqual(server)
  expect(folder.file().keeper.pid).not.toBe(keeper.pid)
})

test('a command whose keeper is killed starts another, and its server stays', async () => {
  await joined()
  const { keeper, server } = folder.file()
  process.kill(keeper.pid, 'SIGKILL')
  await until(() => folder.file().keeper.pid !== keeper.pid)
  expect(folder.file().server).toEqual(server)
  expect(isAlive(server)).toBe(true)
})

test('the next keeper ends a server that hangs before it starts another', async () => {
  const first = await joined()
  const { keeper, server } = folder.file()
  first.close()
  process.kill(server.pid, 'SIGSTOP')
  process.kill(keeper.pid, 'SIGKILL')
  await until(() => !isAlive(keeper))
  await joined()
  expect(isAlive(server)).toBe(false)
  expect(await isServing(folder.file().server.port)).toBe(true)
  expect(folder.file().server.port).toBe(server.port)
})

test('a killed server is started again on its port with its history', async () => {
  const first = await joined()
  const client = await clientOf(first)
  await client.workflow.start('later', { workflowId: 'kept', taskQueue: 'nobody' })
  const { server } = folder.file()
  process.kill(server.pid, 'SIGKILL')
  await until(async () => folder.file().server.pid !== server.pid && (await isServing(server.port)))
  const again = await clientOf(await joined())
  expect((await again.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING')
})

test('a folder that is removed takes its keeper and server with it', async () => {
  await joined()
  rmSync(folder.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  await until(() => folder.processes().length === 0)
  expect(existsSync(folder.path)).toBe(false)
})

test('a folder that is removed and made again gets a server of its own', async () => {
  await joined()
  const before = folder.file()
  rmSync(folder.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  await joined()
  await until(() => !isAlive(before.server) && !isAlive(before.keeper))
  expect(isAlive(folder.file().server)).toBe(true)
  expect(await isServing(folder.file().server.port)).toBe(true)
})

test('a folder may have any name', async () => {
  await using odd = createServerFolder("ünlikely name ?x=1&y#z %20 'q'")
  await joined(odd.path)
  expect(existsSync(join(odd.path, 'temporal.db'))).toBe(true)
})

test('the processes that stay know none of the keys of the command', async () => {
  vi.stubEnv('SOME_API_KEY', 'not-for-servers')
  await joined()
  const { keeper, server } = folder.file()
  for (const { pid } of [keeper, server]) {
    const shown = execFileSync('ps', ['eww', '-p', String(pid)], { encoding: 'utf8' })
    expect(shown).toContain(folder.path)
    expect(shown).not.toContain('not-for-servers')
  }
})

test('a port that another program has is named, and nothing is started', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(connectEmbeddedServer({ folder: folder.path, port })).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(`Port ${port} `),
    data: { port },
  })
  await until(() => folder.processes().length === 0)
})

test('asking for a port while the server runs on another is refused with the port it has', async () => {
  await joined()
  const { port } = folder.file().server
  await expect(
    connectEmbeddedServer({ folder: folder.path, port: port + 10 }),
  ).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(`port ${port} `) })
})

test('a folder that cannot be made is told, with what to do', async () => {
  await expect(connectEmbeddedServer({ folder: '/dev/null/.retort' })).rejects.toMatchObject({
    code: 'store-read-only',
    message: expect.stringContaining('TEMPORAL_ADDRESS'),
  })
})

test('a server that does not start is explained with what it said', async () => {
  const first = await joined()
  first.close()
  await until(() => folder.processes().length === 0)
  for (const name of readdirSync(folder.path)) rmSync(join(folder.path, name))
  writeFileSync(join(folder.path, 'temporal.db'), 'this is no database, but long enough to be read')
  await expect(connectEmbeddedServer({ folder: folder.path })).rejects.toMatchObject({
    code: 'temporal-unreachable',
    message: expect.stringContaining('not a database'),
  })
})
