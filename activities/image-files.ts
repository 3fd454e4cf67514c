import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { isFile } from '../src/core/chat.ts'
import type { ChatMessage, ContentPart } from '../src/core/chat.ts'
import { RetortError } from '../src/core/errors.ts'
import { storeScheme } from '../src/core/image-model.ts'
import type { MadeImage } from '../src/core/image-model.ts'
import { mediaTypeOf } from '../src/core/media-type.ts'
import type { Store } from '../src/storage/store.ts'

const mostBytes = 20_000_000
const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
}

/** The images that models are shown and that they make. */
export class ImageFiles {
  readonly #store: Store
  readonly #workingFolder: string

  constructor(store: Store, workingFolder: string) {
    this.#store = store
    this.#workingFolder = workingFolder
  }

  /**
   * Messages with the bytes of their images in the place of files.
   *
   * @throws RetortError `input-invalid` where one is missing, too large, or no image
   */
  async show(messages: readonly ChatMessage[]): Promise<readonly ChatMessage[]> {
    return await Promise.all(
      messages.map(async (message) =>
        typeof message.content === 'string'
          ? message
          : {
              ...message,
              content: await Promise.all(message.content.map((part) => this.#part(part))),
            },
      ),
    )
  }

  /** Stores an image under the hash of its bytes, and returns where. */
  async keep({ bytes, mediaType }: MadeImage): Promise<string> {
    const hash = createHash('sha256').update(bytes).digest('hex')
    const key = `images/${hash.slice(0, 2)}/${hash}.${extensions[mediaType] ?? 'bin'}`
    await this.#store.putIfAbsent(key, bytes)
    return `${storeScheme}${key}`
  }

  async #part(part: ContentPart): Promise<ContentPart> {
    if (part.type !== 'image' || !isFile(part)) return part
    const bytes = await this.#read(part.url)
    const mediaType = mediaTypeOf(bytes)
    if (mediaType === undefined) throw invalid(part.url, 'is neither PNG, JPEG, WebP nor GIF')
    return {
      type: 'image',
      url: `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`,
    }
  }

  async #read(url: string): Promise<Uint8Array> {
    if (url.startsWith(storeScheme)) {
      const bytes = await this.#store.get(url.slice(storeScheme.length))
      if (bytes === undefined) throw invalid(url, 'is not in the store')
      return bytes
    }
    const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(this.#workingFolder, url)
    try {
      const { size } = await stat(path)
      if (size > mostBytes)
        throw invalid(url, `has ${size} bytes, more than the ${mostBytes} that are sent`)
      return await readFile(path)
    } catch (error) {
      if (error instanceof RetortError) throw error
      throw invalid(url, `cannot be read from ${path}`, error)
    }
  }
}

function invalid(url: string, problem: string, cause?: unknown): RetortError {
  return new RetortError('input-invalid', `The image '${url.slice(0, 200)}' ${problem}.`, { cause })
}
