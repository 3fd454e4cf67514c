import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import {
  type VertexAIOptions,
  vertexAI,
  vertexAILLM,
} from '../../../src/models/google/vertex-ai-llm.ts'
import { vertexAddress } from '../../../src/models/google/google-address.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'

import { type GeminiAsked, geminiReply } from '../../servers/google/google-reply.ts'

interface Seen {
  readonly url: string | undefined
  readonly key: unknown
  readonly authorization: unknown
}

const key = 'test-key-0123456789'
const seen: Seen[] = []
/** What is sent for tokens; `undefined` for one. */
let tokenFailure: { readonly status: number; readonly body: object } | undefined
let folder = ''
let url = ''

const server = createServer((asked, reply) => {
  void readText(asked).then((text) => {
    reply.setHeader('content-type', 'application/json')
    if (asked.url === '/token') {
      const token = { access_token: 'token-of-google', token_type: 'Bearer', expires_in: 3600 }
      reply.statusCode = tokenFailure?.status ?? 200
      return reply.end(JSON.stringify(tokenFailure?.body ?? token))
    }
    const { authorization, 'x-goog-api-key': sentKey } = asked.headers
    seen.push({ url: asked.url, key: sentKey, authorization })
    if (text.includes('Forbidden')) {
      reply.statusCode = 403
      const error = { code: 403, message: 'Permission denied', status: 'PERMISSION_DENIED' }
      return reply.end(JSON.stringify({ error }))
    }
    return reply.end(JSON.stringify(geminiReply(JSON.parse(text) as GeminiAsked)))
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  folder = await mkdtemp(path.join(tmpdir(), 'retort-vertex-'))
})
afterEach(() => {
  seen.length = 0
  tokenFailure = undefined
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

function create(options: Partial<VertexAIOptions>, environment: Record<string, string> = {}) {
  const spec = vertexAI({ model: 'gemini-2.5-flash', baseURL: url, ...options })
  return vertexAILLM.create(spec, environment)
}

/** Credentials of a workload outside of Google Cloud, whose tokens come from the fake. */
async function credentials(): Promise<Record<string, string>> {
  const file = path.join(folder, 'credentials.json')
  const subject = path.join(folder, 'subject')
  await writeFile(subject, 'subject-token')
  const content = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/token`,
    credential_source: { file: subject },
  }
  await writeFile(file, JSON.stringify(content))
  return { GOOGLE_APPLICATION_CREDENTIALS: file }
}

testLLM(() => create({}, { GOOGLE_API_KEY: key }))

test('a key alone is enough, and is the default where there is no project', async () => {
  const llm = await create({}, { GOOGLE_API_KEY: key })
  await llm.chat(request('Hello'))
  expect(seen).toEqual([
    { url: '/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent', key },
  ])
  await llm.close?.()
})

test('a key goes with a project where its variable is named', async () => {
  const given = { project: 'p', location: 'europe-west4', apiKeyEnv: 'VERTEX_KEY' }
  const llm = await create(given, { VERTEX_KEY: key })
  await llm.chat(request('Hello'))
  const place = 'projects/p/locations/europe-west4'
  expect(seen).toEqual([
    { url: `/v1beta1/${place}/publishers/google/models/gemini-2.5-flash:generateContent`, key },
  ])
  await llm.close?.()
})

test('a project is asked with Application Default Credentials', async () => {
  const debug = vi.spyOn(console, 'debug')
  vi.stubEnv('GEMINI_API_KEY', 'another-key-0123456789')
  const llm = await create({ project: 'p' }, await credentials())
  await llm.chat(request('Hello'))
  const place = 'projects/p/locations/global'
  expect(seen).toEqual([
    {
      url: `/v1beta1/${place}/publishers/google/models/gemini-2.5-flash:generateContent`,
      authorization: 'Bearer token-of-google',
    },
  ])
  expect(debug).not.toHaveBeenCalled()
  vi.unstubAllEnvs()
  debug.mockRestore()
  await llm.close?.()
})

test('credentials that may not do what is asked are told', async () => {
  const llm = await create({ project: 'p' }, await credentials())
  const error = await failureOf(llm.chat(request('Forbidden')))
  expect(error).toMatchObject({ code: 'authentication' })
  expect(error.message).toMatch(
    /Permission denied; check what the credentials may do in the project/,
  )
  await llm.close?.()
})

test('the project may come from the environment', async () => {
  const environment = { ...(await credentials()), GOOGLE_CLOUD_PROJECT: 'from-env' }
  const llm = await create({ apiKeyEnv: null }, environment)
  await llm.chat(request('Hello'))
  expect(seen[0]?.url).toContain('/projects/from-env/locations/global/')
  await llm.close?.()
  await expect(create({ apiKeyEnv: null })).rejects.toMatchObject({
    code: 'parameter-invalid',
    message: expect.stringContaining('GOOGLE_CLOUD_PROJECT'),
  })
})

test.for([
  [400, { error: 'invalid_grant', error_description: 'It was revoked' }, 'authentication'],
  [503, { error: 'busy' }, 'provider-unavailable'],
] as const)('credentials that a %i keeps back become %s', async ([status, body, code]) => {
  tokenFailure = { status, body }
  const llm = await create({ project: 'p' }, await credentials())
  const error = await failureOf(llm.chat(request('Hello')))
  expect(error).toMatchObject({ code })
  expect(error.message).toContain("VertexAILLM 'gemini-2.5-flash'")
  expect(seen).toEqual([])
  await llm.close?.()
})

test('credentials that are not there say how to get some', async () => {
  const llm = await create({ project: 'p' }, { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json' })
  const error = await failureOf(llm.chat(request('Hello')))
  expect(error).toMatchObject({ code: 'authentication', verdict: 'stop' })
  expect(error.message).toContain('gcloud auth application-default login')
  await llm.close?.()
})

async function failureOf(call: Promise<unknown>): Promise<RetortError> {
  const error = await call.catch((thrown: unknown) => thrown)
  if (error instanceof RetortError) return error
  throw new Error(`It did not fail as it should: ${String(error)}`)
}

test.for([
  ['global', 'https://aiplatform.googleapis.com'],
  ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
  ['us-central1', 'https://us-central1-aiplatform.googleapis.com'],
] as const)('models in %s are at %s', ([location, baseURL]) => {
  expect(vertexAddress('p', location)).toEqual({
    baseURL,
    apiVersion: 'v1beta1',
    vertex: { project: 'p', location },
  })
})

test('an answer counts the same wherever it was computed', () => {
  const one = vertexAILLM.identity(vertexAI({ model: 'm', project: 'p', location: 'us-central1' }))
  const other = vertexAILLM.identity(vertexAI({ model: 'm', project: 'q', apiKeyEnv: 'K' }))
  expect(one).toEqual(other)
  expect(one.provider).toBe('https://aiplatform.googleapis.com')
})

function readText(asked: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    asked.on('data', (part: Buffer) => parts.push(part))
    asked.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    asked.on('error', reject)
  })
}
