const gif87 = Buffer.from('GIF87a', 'latin1')
const gif89 = Buffer.from('GIF89a', 'latin1')
const riff = Buffer.from('RIFF', 'latin1')
const webp = Buffer.from('WEBP', 'latin1')

/** What the first bytes of a file say of its type, for the images that models make and read; `undefined` for others. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(bytes, gif87) || startsWith(bytes, gif89)) return 'image/gif'
  if (startsWith(bytes, riff) && startsWith(bytes.subarray(8), webp)) return 'image/webp'
  return undefined
}

function startsWith(bytes: Uint8Array, start: Uint8Array | readonly number[]): boolean {
  return [...start].every((byte, index) => bytes[index] === byte)
}
