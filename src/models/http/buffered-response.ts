import { ReplyHeaders } from './reply-headers.ts'

/** A response that came whole: the part of `Response` that providers' clients read. */
export class BufferedResponse {
  readonly url: string
  readonly status: number
  readonly statusText = ''
  readonly headers: ReplyHeaders
  readonly body = null
  readonly #parts: readonly Buffer[]

  constructor(
    url: string,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    parts: readonly Buffer[],
  ) {
    this.url = url
    this.status = status
    this.headers = new ReplyHeaders(headers)
    this.#parts = parts
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  async text(): Promise<string> {
    const [first] = this.#parts
    if (first === undefined) return ''
    return (this.#parts.length === 1 ? first : Buffer.concat(this.#parts)).toString('utf8')
  }

  async bytes(): Promise<Uint8Array> {
    return Buffer.concat(this.#parts)
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
}
