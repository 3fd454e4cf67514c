import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { LimitGroups } from '../../activities/limit-groups.ts'
import { createOneThreadWorkers } from '../../activities/one-thread-workers.ts'
import type { Workers } from '../../activities/one-thread-workers.ts'
import { leaseMilliseconds } from '../../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, Share } from '../../src/core/lease.ts'
import { limitGroupId } from '../../src/core/limit-group-id.ts'
import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'
import type { EmbeddedServer } from '../../src/local/embedded-server.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { createServerFolder } from '../local/server-folder.ts'

const folder = createServerFolder()
let server: EmbeddedServer
let connection: Connection
let client: Client
let groups: LimitGroups
let connectGroups: (workers: Workers) => LimitGroups

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
  server = await connectEmbeddedServer({ folder: folder.path })
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  })
  connectGroups = (workers) =>
    new LimitGroups({
      connection: { address: server.address },
      namespace: server.namespace,
      workers,
      code: { workflowBundle },
    })
  groups = connectGroups(Worker)
  connection = await Connection.connect({ address: server.address })
  client = new Client({ connection, namespace: server.namespace })
})

afterAll(async () => {
  await groups.close()
  await connection.close()
  server.close()
  await folder[Symbol.asyncDispose]()
})

const places = (maxConcurrency: number): Share => ({
  maxConcurrency,
  requestsPerMinute: null,
  tokensPerMinute: null,
})

/** A process that keeps all its share busy and wants more. */
class Holder {
  readonly #group: string
  readonly #name: string
  share: Share | null = null
  #sequence = 0

  constructor(group: string, name: string) {
    this.#group = group
    this.#name = name
  }

  get places(): number {
    return this.share?.maxConcurrency ?? 0
  }

  async ask(more: Partial<LeaseRequest> = {}, way = groups): Promise<LeaseAnswer> {
    const answer = await way.request(this.#group, {
      holder: this.#name,
      told: places(10),
      holds: this.share,
      inFlight: this.places,
      waiting: 100,
      learned: null,
      hasHeard: false,
      gone: [],
      sequence: ++this.#sequence,
      patienceMs: 0,
      ...more,
    })
    this.share = answer.share
    return answer
  }
}

const describe = (group: string) => client.workflow.getHandle(limitGroupId(group)).describe()

test('whoever is alone gets all at once, and two divide it', async () => {
  const [a, b] = [new Holder('pair', 'a'), new Holder('pair', 'b')]
  await a.ask()
  expect(a.places).toBe(10)
  await b.ask()
  expect(b.places).toBe(0)
  await a.ask()
  await a.ask()
  await b.ask()
  expect([a.places, b.places]).toEqual([5, 5])
  await groups.giveBack('pair', 'a')
  await b.ask()
  expect(b.places).toBe(10)
})

test('who waits for news hears of a newcomer at once, and the newcomer of what is free', async () => {
  const [a, b] = [new Holder('news', 'a'), new Holder('news', 'b')]
  await a.ask()
  const news = a.ask({ patienceMs: 5_000 })
  await b.ask()
  const share = b.ask({ patienceMs: 5_000 })
  expect((await news).share).toEqual(places(5))
  await a.ask()
  expect((await share).share).toEqual(places(5))
})

test('who asks again hears at once, and so does who waited before', async () => {
  const a = new Holder('again', 'a')
  await a.ask()
  const [waiting, again] = [a.ask({ patienceMs: 5_000 }), a.ask({ patienceMs: 1 })]
  expect((await Promise.all([waiting, again])).map(({ share }) => share)).toEqual([
    places(10),
    places(10),
  ])
})

test('of workers that share a thread one serves on when another has ended', async () => {
  const workers = createOneThreadWorkers()
  const [first, second] = [connectGroups(workers), connectGroups(workers)]
  // Nobody else is to serve what is asked from here on.
  await groups.close()
  groups = second
  const a = new Holder('thread', 'a')
  await a.ask({}, first)
  await a.ask({}, second)
  await first.close()
  await a.ask({}, second)
  expect(a.places).toBe(10)
})

test('a request that cannot be is refused and changes nothing', async () => {
  const a = new Holder('wrong', 'a')
  await a.ask()
  const { historyLength } = await describe('wrong')
  for (const wrong of [
    { told: places(0) },
    { told: places(2.5) },
    { inFlight: -1 },
    { waiting: Number.NaN },
    { holder: '' },
    { holds: places(-3) },
    { learned: 0 },
    { patienceMs: 60_000 },
  ])
    await expect(a.ask(wrong)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('A request for a lease says') },
    })
  expect((await describe('wrong')).historyLength).toBe(historyLength)
})

test('shares outlive a history that grew too long', async () => {
  const [a, b] = [new Holder('long', 'a'), new Holder('long', 'b')]
  for (const holder of [a, b, a, a, b]) await holder.ask()
  const { runId } = await describe('long')
  await waitUntil(async () => {
    const answers = await Promise.all([a.ask(), b.ask()])
    expect(answers.map(({ share }) => share)).toEqual([places(5), places(5)])
    return (await describe('long')).runId !== runId
  }, 'another execution')
  expect((await describe('long')).historyLength).toBeLessThan(2_000)
})

test('what a killed process held comes back when its lease is over, and its limit group goes on here', async () => {
  const holding = spawn(
    process.execPath,
    [fileURLToPath(new URL('hold-share.ts', import.meta.url)), server.address, 'killed'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(holding.stdout, 'data')
  const b = new Holder('killed', 'b')
  expect((await b.ask()).others).toHaveLength(1)
  expect(b.places).toBe(0)
  holding.kill('SIGKILL')
  await once(holding, 'exit')
  await waitUntil(async () => {
    await b.ask().catch(() => {})
    return b.places > 0
  }, 'a share')
  expect(b.places).toBe(10)
})

test('after the loss of a limit group holders report, and a newcomer waits as long as they might hold', async () => {
  const [a, b, c] = [new Holder('lost', 'a'), new Holder('lost', 'b'), new Holder('lost', 'c')]
  for (const holder of [a, b, a, a, b]) await holder.ask()
  await client.workflow.getHandle(limitGroupId('lost')).terminate()
  await a.ask()
  const reportedAt = Date.now()
  await waitUntil(async () => {
    await c.ask()
    await b.ask()
    await a.ask()
    expect(a.places + b.places + c.places).toBeLessThanOrEqual(10)
    return c.places > 0
  }, 'a share of the newcomer')
  expect(Date.now() - reportedAt).toBeGreaterThan(leaseMilliseconds / 2)
})
