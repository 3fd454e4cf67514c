import { writeFile } from 'node:fs/promises'

/** A value of a GGUF file's metadata; a whole number is written as `u32`, another as `f32`. */
export type GGUFValue =
  | string
  | boolean
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly strings: readonly string[] }
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly number[] }

/** A tensor of float32, its innermost dimension first. */
export interface GGUFTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

const alignment = 32
const types = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 }

/** Writes a GGUF file of version 3. */
export async function writeGGUF(
  path: string,
  metadata: Readonly<Record<string, GGUFValue>>,
  tensors: readonly GGUFTensor[],
): Promise<void> {
  const entries = Object.entries(metadata)
  const head: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length)]
  for (const [key, value] of entries) head.push(text(key), ...valueOf(value))
  let offset = 0
  for (const { name, shape, data } of tensors) {
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset))
    offset += padded(data.byteLength)
  }
  const start = Buffer.concat(head)
  const body = tensors.flatMap(({ data }) => [
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    Buffer.alloc(padded(data.byteLength) - data.byteLength),
  ])
  await writeFile(path, [start, Buffer.alloc(padded(start.length) - start.length), ...body])
}

function valueOf(value: GGUFValue): readonly Buffer[] {
  if (typeof value === 'string') return [u32(types.string), text(value)]
  if (typeof value === 'boolean') return [u32(types.bool), Buffer.from([value ? 1 : 0])]
  if ('u32' in value) return [u32(types.u32), u32(value.u32)]
  if ('f32' in value) return [u32(types.f32), f32(value.f32)]
  if ('strings' in value) return arrayOf(types.string, value.strings.map(text))
  if ('floats' in value) return arrayOf(types.f32, value.floats.map(f32))
  return arrayOf(types.i32, value.ints.map(u32))
}

function arrayOf(type: number, items: readonly Buffer[]): readonly Buffer[] {
  return [u32(types.array), u32(type), u64(items.length), ...items]
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(BigInt(value))
  return buffer
}

function f32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeFloatLE(value)
  return buffer
}

function padded(length: number): number {
  return Math.ceil(length / alignment) * alignment
}
