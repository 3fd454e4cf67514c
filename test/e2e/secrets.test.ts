import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeReply } from '../../bench/fake-server/fake-options.ts'
import { createProject, twoTasks } from './project.ts'
import type { Project } from './project.ts'
import { retort } from './retort-command.ts'

const key = 'odd"key\\of<none>&such+shape%20'

let project: Project
let fake: FakeServer
let reply: ((key: string, index: number) => FakeReply | undefined) | undefined

beforeEach(async () => {
  reply = undefined
  fake = await startFakeServer({
    respond: ({ authorization, index }) =>
      reply?.(authorization?.slice('Bearer '.length) ?? '', index),
  })
  project = createProject()
  const { rows, spec } = twoTasks(10, `${fake.url}/v1`, 4)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
})

afterEach(async () => {
  await fake.close()
  project.remove()
})

/** Where the key is found, as it is or as JSON or an address writes it. */
async function findKey(): Promise<{ code: number | null; places: string[] }> {
  const { code, stdout, stderr } = await retort(
    project.folder,
    ['run', 'pipeline.json', '--run-id', 'secret', '--json'],
    { FAKE_KEY: key, RETORT_DEBUG: '1' },
  )
  const found = await retort(project.folder, ['rows', 'secret', '--rejected', '--json'])
  const forms = [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)]
  const holds = (bytes: Buffer) => forms.some((form) => bytes.includes(form))
  const folder = join(project.folder, '.retort')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
  expect(files.some((file) => file.endsWith('temporal.db'))).toBe(true)
  const places = files.filter((file) => holds(readFileSync(file)))
  if (holds(Buffer.from(stdout + stderr))) places.push('what the run printed')
  if (holds(Buffer.from(found.stdout + found.stderr))) places.push('the rejected rows')
  return { code, places }
}

test('a key is in no trace of a run that completes', async () => {
  expect(await findKey()).toEqual({ code: 0, places: [] })
  expect(fake.stats().answered).toBe(20)
})

test('a key that the provider repeats in its refusal is in no trace of the run', async () => {
  reply = (sent) => ({
    status: 401,
    body: { error: { message: `No such key: ${sent}`, code: 'invalid_api_key' } },
  })
  expect(await findKey()).toEqual({ code: 1, places: [] })
})

test('a key that the provider repeats in the details of its complaint about a row is in no trace of it', async () => {
  reply = (sent) => ({ status: 422, body: { detail: [{ loc: ['header'], input: sent }] } })
  expect(await findKey()).toEqual({ code: 0, places: [] })
})

test('a key that a broken gateway repeats on its page is in no trace of the run', async () => {
  reply = (sent, index) =>
    index < 8 ? { status: 502, body: `<html><p>Bad gateway for ${sent}</p></html>` } : undefined
  expect(await findKey()).toEqual({ code: 0, places: [] })
})
