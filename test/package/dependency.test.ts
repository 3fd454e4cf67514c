import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'
import { createS3Client } from '../../src/storage/s3-client.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { startS3Server } from '../servers/versitygw.ts'
import { commandsOf, readmeBlocks } from './readme.ts'
import { runShell, startShell } from './run-shell.ts'

const root = new URL('../..', import.meta.url).pathname
let folder: string

const blocks = [...readmeBlocks(), ...readmeBlocks('docs/models.md')]

// An empty project elsewhere, with the packed package installed and the files of the pages written.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retort-package-'))
  const packed = await runShell(
    root,
    `npm pack --silent --ignore-scripts --pack-destination ${folder}`,
  )
  const archive = packed.trim().split('\n').at(-1) ?? ''
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await runShell(
    project,
    `npm install --no-audit --no-fund ../${archive} typescript@7 zod@4 @types/node@24`,
  )
  folder = project
  for (const { note, text } of blocks) {
    const name = /^file=(\S+)$/.exec(note)?.[1]
    if (name !== undefined) writeFileSync(join(project, name), text)
  }
})

afterAll(() =>
  rmSync(join(folder, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }),
)

test('the files of the README and of the page of models type-check against the installed package', async () => {
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    noEmit: true,
    types: ['node'],
    allowImportingTsExtensions: true,
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['*.ts'] }),
  )
  await runShell(folder, 'npx tsc')
})

test(
  'every command of both runs in a project that has the package installed',
  { timeout: 180_000 },
  async () => {
    const outputs: string[] = []
    for (const block of blocks.filter(({ note }) => note === 'run'))
      for (const line of commandsOf(block)) outputs.push(await runShell(folder, line))
    expect(outputs.join('\n')).toContain('Why is the sky blue?')
    expect(readFileSync(join(folder, 'answers.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2)
  },
)

test(
  'a worker and a start on a server and a bucket make a dataset, as the README says',
  { timeout: 180_000 },
  async () => {
    const block = readmeBlocks().find(({ note }) => note === 'remote')
    const [exported = '', worker = '', ...others] = block === undefined ? [] : commandsOf(block)
    expect(exported).toContain('export TEMPORAL_ADDRESS=')
    const server = await connectEmbeddedServer({ folder: join(folder, 'elsewhere') })
    const bucket = await startS3Server()
    await bucket.createBucket('datasets')
    const client = await createS3Client(bucket)
    await client.send(
      new PutObjectCommand({
        Bucket: 'datasets',
        Key: 'prompts.jsonl',
        Body: readFileSync(join(folder, 'prompts.jsonl')),
      }),
    )
    client.destroy()
    const env = {
      ...bucket.env,
      TEMPORAL_ADDRESS: server.address,
      RETORT_STORE: 's3://datasets/retort',
    }
    const serving = startShell(folder, worker, env)
    try {
      for (const line of others) await runShell(folder, line, env)
      expect(await runShell(folder, 'npx retort rows remote --json', env)).toContain(
        'What does a compiler do?',
      )
    } finally {
      process.kill(-(serving.child.pid ?? 0), 'SIGTERM')
      await serving.ended
      server.close()
      await bucket.stop()
    }
    await waitUntil(
      () => serving.child.exitCode !== null || serving.child.signalCode !== null,
      'the end of the worker',
    )
  },
)

test(
  'the first command of the README makes problems out of this repository',
  { timeout: 180_000 },
  async () => {
    const [first] = readmeBlocks().filter(({ language }) => language === 'sh')
    const [line = ''] = first === undefined ? [] : commandsOf(first)
    const [setUp, ...commands] = line.split(' && ')
    expect(setUp).toBe('npm ci')
    const store = { RETORT_STORE: `file:${join(folder, 'example')}` }
    const output = await runShell(root, commands.join(' && '), store)
    expect(output).toContain('simulated')
    expect(output).toContain('problem')
  },
)

test('the second command of the README is the one that checks a checkout', () => {
  const [, second] = readmeBlocks().filter(({ language, note }) => language === 'sh' && note === '')
  expect(second === undefined ? [] : commandsOf(second)).toEqual(['npm ci && npm test'])
  expect(readFileSync(new URL('../../.ci/run', import.meta.url), 'utf8')).toContain(
    'npm ci && npm test',
  )
})
