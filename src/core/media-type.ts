const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const jpeg = [0xff, 0xd8, 0xff]
const gif87 = characterCodes('GIF87a')
const gif89 = characterCodes('GIF89a')
const riff = characterCodes('RIFF')
const webp = characterCodes('WEBP')

/** What the first bytes of a file say of its type, for the images that models make and read; `undefined` for others. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, png)) return 'image/png'
  if (startsWith(bytes, jpeg)) return 'image/jpeg'
  if (startsWith(bytes, gif87) || startsWith(bytes, gif89)) return 'image/gif'
  if (startsWith(bytes, riff) && startsWith(bytes.subarray(8), webp)) return 'image/webp'
  return undefined
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}

function characterCodes(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0))
}
