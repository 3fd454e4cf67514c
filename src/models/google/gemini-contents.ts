import type { ChatMessage, ContentPart, ImagePart } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'

/** A part of a message in Google's wire format. */
type GeminiPart =
  | { readonly text: string }
  | { readonly inlineData: { readonly mimeType: string; readonly data: string } }
  | { readonly fileData: { readonly mimeType: string; readonly fileUri: string } }

/** A message in Google's wire format; what a system says has no role. */
export interface GeminiContent {
  readonly role?: 'user' | 'model'
  readonly parts: GeminiPart[]
}

/** A conversation in Google's wire format. */
export interface GeminiContents {
  readonly contents: GeminiContent[]
  readonly systemInstruction?: GeminiContent
}

/** Turns a conversation into Google's roles, where what a system says stands apart from the rest. */
export function toGeminiContents(messages: readonly ChatMessage[]): GeminiContents {
  const systemParts = messages.filter(({ role }) => role === 'system').flatMap(toParts)
  const contents = messages
    .filter(({ role }) => role !== 'system')
    .map((message) => toContent(message))
  // A conversation of nothing else is a question all the same, and Google wants one.
  if (contents.length === 0) return { contents: [{ role: 'user', parts: systemParts }] }
  return {
    contents,
    ...(systemParts.length === 0 ? {} : { systemInstruction: { parts: systemParts } }),
  }
}

function toContent(message: ChatMessage): GeminiContent {
  return { role: message.role === 'assistant' ? 'model' : 'user', parts: toParts(message) }
}

function toParts({ content }: ChatMessage): GeminiPart[] {
  return typeof content === 'string' ? [{ text: content }] : content.map(toPart)
}

function toPart(part: ContentPart): GeminiPart {
  return part.type === 'text' ? { text: part.text } : toImage(part)
}

/** Google fetches images behind `https:` and `gs:` itself, but wants to be told what they are. */
function toImage({ url }: ImagePart): GeminiPart {
  const [, mimeType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  if (mimeType !== undefined && data !== undefined) return { inlineData: { mimeType, data } }
  if (/^(https?|gs):/.test(url)) return { fileData: { mimeType: mimeTypeOf(url), fileUri: url } }
  throw new RetortError(
    'input-invalid',
    `An image is '${url.slice(0, 100)}', which Google does not take; it takes an address with https: or gs:, and data: with base64.`,
  )
}

const mimeTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  gif: 'image/gif',
}

function mimeTypeOf(url: string): string {
  const [, extension = ''] = /\.(\w+)$/.exec(new URL(url).pathname) ?? []
  return mimeTypes[extension.toLowerCase()] ?? 'image/jpeg'
}
