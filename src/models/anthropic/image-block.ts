import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

const readableTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

/** An image as Claude is shown it: by its address, or as what a `data:` URL holds. */
export function toImageBlock(who: string, url: string): JsonObject {
  if (!url.startsWith('data:')) return { type: 'image', source: { type: 'url', url } }
  const comma = url.indexOf(',')
  const [mediaType = '', ...settings] = url.slice('data:'.length, comma).split(';')
  if (!readableTypes.includes(mediaType) || settings.at(-1) !== 'base64')
    throw new RetortError(
      'input-invalid',
      `${who} reads images of the types ${readableTypes.join(', ')} in Base64, and was given one of the type '${mediaType.slice(0, 40)}'.`,
    )
  return {
    type: 'image',
    source: { type: 'base64', media_type: mediaType, data: url.slice(comma + 1) },
  }
}
