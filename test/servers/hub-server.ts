import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { refuse, sendBytes, sendJson, textOf } from './hub-replies.ts'
import { createHubUploads } from './hub-uploads.ts'
import { commitFiles, commitOf, createStoredRepo, entriesIn, sha256, toEntry } from './hub-repos.ts'
import type { StoredFile, StoredRepo } from './hub-repos.ts'

/** What a token may do; `stranger` is of an account that nobody gave access to anything. */
export const hubTokens = { read: 'hf_read', write: 'hf_write', stranger: 'hf_stranger' } as const

/** A call that the server got. */
export interface HubCall {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
}

/** A server that speaks as much of the Hugging Face Hub's HTTP API as `@huggingface/hub` asks for. */
export interface HubServer {
  readonly endpoint: string
  readonly repos: ReadonlyMap<string, StoredRepo>
  readonly calls: readonly HubCall[]
  /** Makes a commit that adds files to a dataset, which is made where it is not there; gives its name. */
  put(repo: string, files: Readonly<Record<string, string | Uint8Array>>, branch?: string): string
  /** The newest files of a dataset. */
  files(repo: string): ReadonlyMap<string, StoredFile>
  /** Lets the next calls to a path with a part in it fail, with these words. */
  failNext(part: string, status: number, times?: number, said?: string): void
  stop(): Promise<void>
}

/** Listings come in pages of so many entries. */
const pageSize = 4
const lfsPattern = /\.(?:parquet|zst|gz)$/

/** Starts a Hub without any dataset; another port serves the bytes of large files, as a CDN does. */
export async function startHubServer(): Promise<HubServer> {
  const repos = new Map<string, StoredRepo>()
  const calls: HubCall[] = []
  const failures: { part: string; status: number; times: number; said: string }[] = []
  const uploads = createHubUploads()

  const cdn = createServer((request, response) => {
    const bytes = uploads.objects.get((request.url ?? '').slice(1))
    // As S3 does where an address is signed and a token comes along.
    if (request.headers.authorization !== undefined) sendJson(response, 400, { error: 'two keys' })
    else if (bytes === undefined) sendJson(response, 404, { error: 'gone' })
    else sendBytes(request, response, bytes, { etag: '"an-etag-of-the-cdn"' })
  })
  const cdnURL = await listen(cdn)

  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      sendJson(response, 500, { error: String(error) })
    })
  })
  const endpoint = await listen(server)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request
    const url = new URL(request.url ?? '', endpoint)
    const path = decodeURIComponent(url.pathname)
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1]
    calls.push({ method, path, token })
    const failure = failures.find(({ part, times }) => times > 0 && path.includes(part))
    if (failure !== undefined) {
      failure.times--
      refuse(response, failure.status, '', failure.said)
      return
    }
    if (token !== undefined && !Object.values<string>(hubTokens).includes(token)) {
      refuse(response, 401, '', 'Invalid credentials in Authorization header')
      return
    }
    if (path.startsWith('/upload/')) return await uploads.receive(request, response, path)
    if (path === '/api/repos/create') return await create(request, response, token)
    const [, name = '', rest = ''] =
      /^\/(?:api\/)?datasets\/([^/]+\/[^/]+?)((?:\.git\/|\/).*)?$/.exec(path) ?? []
    const repo = repos.get(name)
    if (repo === undefined || !mayRead(repo, token)) {
      if (token === undefined)
        refuse(response, 401, 'RepoNotFound', 'Invalid username or password.')
      else refuse(response, 404, 'RepoNotFound', 'Repository not found')
      return
    }
    if (method === 'POST' && !rest.startsWith('/paths-info/')) {
      if (token !== hubTokens.write) {
        refuse(
          response,
          403,
          '',
          'Forbidden: you must use a write token to upload to a repository.',
        )
        return
      }
      await write(request, response, repo, rest)
      return
    }
    await read(request, response, repo, rest, url, token)
  }

  function mayRead(repo: StoredRepo, token: string | undefined): boolean {
    return !repo.isPrivate || (token !== undefined && token !== hubTokens.stranger)
  }

  async function create(
    request: IncomingMessage,
    response: ServerResponse,
    token: string | undefined,
  ): Promise<void> {
    const asked = JSON.parse(await textOf(request)) as Record<string, string>
    const name = `${asked['organization']}/${asked['name']}`
    if (token !== hubTokens.write)
      refuse(
        response,
        403,
        '',
        `You don't have the rights to create a dataset under the namespace "${asked['organization']}"`,
      )
    else if (repos.has(name)) refuse(response, 409, '', 'You already created this dataset repo')
    else {
      const repo = createStoredRepo(name)
      repo.isPrivate = asked['visibility'] === 'private'
      repos.set(name, repo)
      sendJson(response, 200, { url: `${endpoint}/datasets/${name}`, name, id: name })
    }
  }

  async function read(
    request: IncomingMessage,
    response: ServerResponse,
    repo: StoredRepo,
    rest: string,
    url: URL,
    token: string | undefined,
  ): Promise<void> {
    const [, action = 'revision', named = 'main', path = ''] =
      /^\/(revision|tree|paths-info|resolve)\/(refs\/[^/]+\/[^/]+|[^/]+)\/?(.*)$/.exec(rest) ?? []
    const sha = commitOf(repo, named)
    const files = repo.commits.get(sha ?? '')
    if (sha === undefined || files === undefined) {
      refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${named}`)
      return
    }
    if (action === 'revision') {
      sendJson(response, 200, {
        _id: repo.name,
        id: repo.name,
        sha,
        private: repo.isPrivate,
        gated: repo.isGated ? 'manual' : false,
        downloads: 0,
        likes: 0,
        lastModified: new Date(0).toISOString(),
      })
    } else if (action === 'paths-info') {
      const { paths } = JSON.parse(await textOf(request)) as { readonly paths: readonly string[] }
      const found = paths.flatMap((one) => {
        const file = files.get(one)
        if (file !== undefined) return [toEntry(one, file)]
        const isFolder = [...files.keys()].some((other) => other.startsWith(`${one}/`))
        return isFolder ? [{ type: 'directory', oid: '', size: 0, path: one }] : []
      })
      sendJson(response, 200, found)
    } else if (action === 'tree') {
      const entries = entriesIn(files, path, url.searchParams.get('recursive') === 'true')
      if (entries.length === 0) {
        refuse(response, 404, 'EntryNotFound', `${path} does not exist on "${named}"`)
        return
      }
      const from = Number(url.searchParams.get('cursor') ?? 0)
      url.searchParams.set('cursor', String(from + pageSize))
      if (from + pageSize < entries.length) response.setHeader('link', `<${url.href}>; rel="next"`)
      sendJson(response, 200, entries.slice(from, from + pageSize))
    } else resolve(request, response, repo, { sha, path, file: files.get(path), token })
  }

  function resolve(
    request: IncomingMessage,
    response: ServerResponse,
    repo: StoredRepo,
    asked: { sha: string; path: string; file: StoredFile | undefined; token: string | undefined },
  ): void {
    const { sha, path, file, token } = asked
    if (repo.isGated && (token === undefined || token === hubTokens.stranger)) {
      const restricted = `Access to dataset ${repo.name} is restricted`
      if (token === undefined) refuse(response, 401, 'GatedRepo', `${restricted}. Please log in.`)
      else refuse(response, 403, 'GatedRepo', `${restricted} and you are not in the list.`)
      return
    }
    if (file === undefined) {
      refuse(response, 404, 'EntryNotFound', `Entry not found: ${path}`)
      return
    }
    response.setHeader('x-repo-commit', sha)
    if (!file.isLarge) {
      const { oid } = toEntry(path, file) as { readonly oid: string }
      sendBytes(request, response, file.bytes, { etag: `"${oid}"` })
      return
    }
    const oid = sha256(file.bytes)
    const headers = { 'x-linked-etag': `"${oid}"`, 'x-linked-size': String(file.bytes.length) }
    response.writeHead(302, { ...headers, location: `${cdnURL}/${oid}` }).end()
  }

  async function write(
    request: IncomingMessage,
    response: ServerResponse,
    repo: StoredRepo,
    rest: string,
  ): Promise<void> {
    if (rest.endsWith('/info/lfs/objects/batch'))
      return await uploads.answerBatch(request, response, endpoint)
    const [, action, branch = ''] = /^\/(preupload|commit)\/(.+)$/.exec(rest) ?? []
    const text = await textOf(request)
    if (action === 'preupload') {
      const { files } = JSON.parse(text) as { files: { path: string; size: number }[] }
      const uploadMode = (path: string, size: number) =>
        lfsPattern.test(path) || size > 10_000_000 ? 'lfs' : 'regular'
      sendJson(response, 200, {
        files: files.map(({ path, size }) => ({ path, uploadMode: uploadMode(path, size) })),
      })
    } else if (action === 'commit') commit(response, repo, branch, text)
    else refuse(response, 404, '', 'Not found')
  }

  function commit(response: ServerResponse, repo: StoredRepo, branch: string, text: string): void {
    const head = commitOf(repo, branch) ?? ''
    const files = new Map(repo.commits.get(head))
    for (const line of text.split('\n')) {
      const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> }
      const { path = '', content = '', oid = '', parentCommit = head } = value
      const stored = uploads.objects.get(oid)
      if (key === 'header' && parentCommit !== head) {
        refuse(response, 412, '', 'A commit has happened since. Please refresh and try again.')
        return
      }
      if (key === 'file') files.set(path, { bytes: Buffer.from(content, 'base64'), isLarge: false })
      else if (key === 'lfsFile' && stored !== undefined)
        files.set(path, { bytes: stored, isLarge: true })
      else if (key === 'lfsFile' || (key === 'deletedFile' && !files.delete(path))) {
        refuse(response, 400, '', `Could not use ${path} in the commit`)
        return
      }
    }
    const commitOid = commitFiles(repo, files, branch)
    const commitUrl = `${endpoint}/datasets/${repo.name}/commit/${commitOid}`
    sendJson(response, 200, { success: true, commitOid, commitUrl, hookOutput: '' })
  }

  return {
    endpoint,
    repos,
    calls,
    put(name, contents, branch = 'main') {
      const repo = repos.get(name) ?? createStoredRepo(name)
      repos.set(name, repo)
      const files = new Map(
        repo.commits.get(commitOf(repo, branch) ?? commitOf(repo, 'main') ?? ''),
      )
      for (const [path, content] of Object.entries(contents)) {
        const bytes = Buffer.from(content)
        files.set(path, { bytes, isLarge: lfsPattern.test(path) })
        uploads.objects.set(sha256(bytes), bytes)
      }
      return commitFiles(repo, files, branch)
    },
    files(name) {
      const repo = repos.get(name)
      return repo?.commits.get(commitOf(repo, 'main') ?? '') ?? new Map()
    },
    failNext(part, status, times = 1, said = 'Internal Error') {
      failures.push({ part, status, times, said })
    },
    async stop() {
      for (const one of [server, cdn]) {
        one.closeAllConnections()
        one.close()
        await once(one, 'close')
      }
    },
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens at a port has such an address.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
