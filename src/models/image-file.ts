import type { DispatcherFetch } from './http/dispatcher-fetch.ts'
import { tooLongCode } from './http/dispatcher-fetch.ts'
import { mediaTypeOf } from '../core/media-type.ts'

/** An image as a file holds it. */
export interface ImageFile {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/** Why there is no image, as the end of a sentence that begins with what should be one. */
export interface NoImage {
  readonly why: string
  /** Whether it may be there another time. */
  readonly mayCome: boolean
}

/** Larger files are not taken for images. */
export const mostImageBytes = 50 * 1024 * 1024

const tooLarge = 'is larger than the 50 MB that an image may have'
const mostRedirects = 5

/** Takes bytes for an image where they are one. */
export function toImageFile(bytes: Uint8Array): ImageFile | NoImage {
  if (bytes.length === 0) return { why: 'is empty', mayCome: false }
  if (bytes.length > mostImageBytes) return { why: tooLarge, mayCome: false }
  const mediaType = mediaTypeOf(bytes)
  if (mediaType === undefined) return { why: 'is no PNG, JPEG, WebP or GIF image', mayCome: false }
  return { bytes, mediaType }
}

/** Downloads an image, without any key, over as many redirects as browsers' users meet. */
export async function downloadImage(
  http: DispatcherFetch,
  url: string,
  signal: AbortSignal | undefined,
): Promise<ImageFile | NoImage> {
  let address = url
  for (let hop = 0; hop <= mostRedirects; hop++) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
      return { why: 'has no address of the web', mayCome: false }
    const response = await ask(http, address, signal)
    if (!('status' in response)) return response
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      address = URL.canParse(location, address) ? new URL(location, address).href : location
      continue
    }
    if (!response.ok)
      return {
        why: `was answered with ${response.status}`,
        mayCome: response.status === 429 || response.status >= 500,
      }
    return toImageFile(await response.bytes())
  }
  return { why: 'sends callers on and on', mayCome: false }
}

async function ask(
  http: DispatcherFetch,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Response | NoImage> {
  try {
    return await http.fetch(url, {
      method: 'GET',
      headers: { accept: 'image/png, image/jpeg, image/webp, image/gif' },
      mostBytes: mostImageBytes,
      callSignal: signal,
    })
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === tooLongCode) return { why: tooLarge, mayCome: false }
    return { why: `could not be loaded (${code})`, mayCome: true }
  }
}
