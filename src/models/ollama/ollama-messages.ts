import type { ChatMessage, ImagePart } from '../../core/chat.ts'
import { imagesOf, textOf } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'

import type { DispatcherFetch } from '../http/dispatcher-fetch.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import { downloadImage } from '../image-file.ts'

/** Messages as Ollama takes them: images beside the text, as bare base64, which it downloads none of itself. */
export async function toOllamaMessages(
  messages: readonly ChatMessage[],
  call: ProviderCall,
  http: DispatcherFetch,
  signal: AbortSignal | undefined,
): Promise<object[]> {
  return await Promise.all(
    messages.map(async (message) => {
      const images = imagesOf(message)
      const said = { role: message.role, content: textOf(message) }
      if (images.length === 0) return said
      const toBase64 = (image: ImagePart) => base64Of(image.url, call, http, signal)
      return { ...said, images: await Promise.all(images.map(toBase64)) }
    }),
  )
}

async function base64Of(
  url: string,
  call: ProviderCall,
  http: DispatcherFetch,
  signal: AbortSignal | undefined,
): Promise<string> {
  const [, data] = /^data:[^,]*;base64,(.*)$/s.exec(url) ?? []
  if (data !== undefined) return data
  const found = await downloadImage(http, url, signal)
  if ('bytes' in found) return Buffer.from(found.bytes).toString('base64')
  throw new RetortError(
    found.mayCome ? 'connection-lost' : 'input-invalid',
    `${call.who} cannot read an image: '${url.slice(0, 200)}' ${found.why}.`,
  )
}
