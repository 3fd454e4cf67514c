import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Which release to download, and to where. */
export interface TemporalDownload {
  readonly origin: string
  readonly version: string
  /** Path of the binary, which appears whole or not at all. */
  readonly target: string
  readonly onProgress: (line: string) => void
}

/** Milliseconds after which a machine counts as offline. */
const answerPatienceMs = 4000
/** Milliseconds without a byte after which a download has failed. */
const silencePatienceMs = 20_000

/** Downloads a release of the Temporal CLI for this machine and unpacks it with `tar`. */
export async function downloadTemporal(download: TemporalDownload): Promise<void> {
  const { origin, version, target, onProgress } = download
  // Loaded here because most commands never download anything.
  const { EnvHttpProxyAgent, interceptors, request } = await import('undici')
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: answerPatienceMs },
    bodyTimeout: silencePatienceMs,
  }).compose(interceptors.redirect({ maxRedirections: 5 }))
  const url = `${origin}/cli/archive/v${version}?${platformQuery()}`
  const { statusCode, body } = await request(url, {
    dispatcher,
    headersTimeout: answerPatienceMs,
  })
  if (statusCode !== 200) {
    await body.dump()
    throw new Error(`${url} answered ${statusCode}`)
  }
  onProgress(`Downloading Temporal ${version} (about 50 MB, only this once).`)
  await mkdir(dirname(target), { recursive: true })
  const draft = await mkdtemp(`${target}.`)
  try {
    const tar = spawn('tar', ['-xzf', '-', '-C', draft], { stdio: ['pipe', 'ignore', 'ignore'] })
    const closed = once(tar, 'close')
    await pipeline(body, tar.stdin)
    const [exitCode] = await closed
    if (exitCode !== 0) throw new Error(`tar could not unpack ${url}`)
    const binary = join(draft, process.platform === 'win32' ? 'temporal.exe' : 'temporal')
    await chmod(binary, 0o755)
    await rename(binary, target)
  } finally {
    await rm(draft, { recursive: true, force: true })
    await dispatcher.close()
  }
}

function platformQuery(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  return `platform=${platform}&arch=${architecture}`
}
