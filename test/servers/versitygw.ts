import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { CreateBucketCommand } from '@aws-sdk/client-s3'

import { createS3Client } from '../../src/storage/s3-client.ts'
import { findVersitygw } from './build-servers.ts'
import { findFreePort } from './free-port.ts'

const accessKeyId = 'retort'
const secretAccessKey = 'retort-secret'

/** A running S3-compatible server with a folder of its own. */
export interface S3Server {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** The variables by which every AWS client finds it. */
  readonly env: Readonly<Record<string, string>>
  createBucket(name: string): Promise<void>
  /** Ends the server as `kill -9` does; what it kept stays. */
  kill(): Promise<void>
  /** Starts it anew after `kill`, at the same address with what it kept. */
  restart(): Promise<void>
  /** Ends the server and removes what it kept. */
  stop(): Promise<void>
}

/**
 * Builds versitygw where that was not done yet, and starts it on a free port of 127.0.0.1.
 *
 * Without `keepsConnections` it closes each connection after one request.
 */
export async function startS3Server({ keepsConnections = true } = {}): Promise<S3Server> {
  const binary = await findVersitygw()
  const folder = await mkdtemp(join(tmpdir(), 'retort-s3-'))
  const endpoint = `http://127.0.0.1:${await findFreePort()}`
  const start = async () => {
    const child = spawnGateway(binary, endpoint, folder, keepsConnections)
    await waitUntilHealthy(endpoint, child)
    return child
  }
  let server = await start()
  const kill = (): void => void server.kill('SIGKILL')
  const drop = () => {
    kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', drop)
  const end = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    kill()
    await ended
  }
  return {
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    env: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    createBucket: (name) => createBucket(endpoint, name),
    kill: end,
    async restart() {
      server = await start()
    },
    async stop() {
      process.off('exit', drop)
      await end()
      await rm(folder, { recursive: true })
    },
  }
}

function spawnGateway(
  binary: string,
  endpoint: string,
  folder: string,
  keepsConnections: boolean,
): ChildProcess {
  return spawn(
    binary,
    [
      '--quiet',
      ...(keepsConnections ? ['--keep-alive'] : []),
      '--health',
      '/health',
      '--port',
      endpoint.slice('http://'.length),
      'posix',
      folder,
    ],
    {
      env: { ...process.env, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
}

async function waitUntilHealthy(endpoint: string, server: ChildProcess): Promise<void> {
  let output = ''
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (data: Buffer) => (output += data.toString()))
  while (server.exitCode === null) {
    const response = await fetch(`${endpoint}/health`).catch(() => undefined)
    if (response?.ok === true) return
    await wait(20)
  }
  throw new Error(`versitygw ended with ${server.exitCode} before it listened: ${output}`)
}

async function createBucket(endpoint: string, name: string): Promise<void> {
  const client = await createS3Client({
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
  })
  await client.send(new CreateBucketCommand({ Bucket: name }))
  client.destroy()
}
