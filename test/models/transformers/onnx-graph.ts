/** A number, text or list that an operation takes beside its inputs. */
type Attribute = number | string | readonly number[]

/** A tensor that is fed to a graph or comes out of it; a text stands for a length that is known later. */
export interface GraphValue {
  readonly name: string
  readonly type: 'float' | 'int64'
  readonly shape: readonly (number | string)[]
}

const elementTypes = { float: 1, int64: 7 }
const attributeTypes = { int: 2, string: 3, ints: 7 }

/** A graph of operations in the making, and the ONNX file of it. */
export class ONNXGraph {
  readonly #nodes: Buffer[] = []
  readonly #constants: Buffer[] = []
  #count = 0

  /** Adds an operation; gives the name of its result. */
  add(
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `value_${++this.#count}`,
  ): string {
    this.#nodes.push(
      Buffer.concat([
        ...inputs.map((input) => text(1, input)),
        text(2, output),
        text(4, operation),
        ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
      ]),
    )
    return output
  }

  floats(values: Float32Array, shape: readonly number[]): string {
    return this.#constant(elementTypes.float, values, shape)
  }

  /** Whole numbers: a list, or one alone where no list is given. */
  integers(values: number | readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values
    return this.#constant(
      elementTypes.int64,
      BigInt64Array.from(list, BigInt),
      typeof values === 'number' ? [] : [list.length],
    )
  }

  #constant(type: number, values: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const name = `constant_${++this.#count}`
    this.#constants.push(
      Buffer.concat([
        ...shape.map((length) => integer(1, length)),
        integer(2, type),
        text(8, name),
        bytes(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
      ]),
    )
    return name
  }

  toFile(inputs: readonly GraphValue[], outputs: readonly GraphValue[]): Buffer {
    const graph = Buffer.concat([
      ...this.#nodes.map((node) => bytes(1, node)),
      text(2, 'tiny'),
      ...this.#constants.map((constant) => bytes(5, constant)),
      ...inputs.map((value) => bytes(11, valueInfo(value))),
      ...outputs.map((value) => bytes(12, valueInfo(value))),
    ])
    return Buffer.concat([integer(1, 8), bytes(7, graph), bytes(8, integer(2, 17))])
  }
}

function attribute(name: string, value: Attribute): Buffer {
  if (typeof value === 'number')
    return Buffer.concat([text(1, name), integer(3, value), integer(20, attributeTypes.int)])
  if (typeof value === 'string')
    return Buffer.concat([text(1, name), text(4, value), integer(20, attributeTypes.string)])
  return Buffer.concat([
    text(1, name),
    ...value.map((item) => integer(8, item)),
    integer(20, attributeTypes.ints),
  ])
}

function valueInfo({ name, type, shape }: GraphValue): Buffer {
  const dimensions = shape.map((length) =>
    bytes(1, typeof length === 'number' ? integer(1, length) : text(2, length)),
  )
  const tensor = Buffer.concat([
    integer(1, elementTypes[type]),
    bytes(2, Buffer.concat(dimensions)),
  ])
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))])
}

/** A field of protocol buffers that holds a whole number. */
function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(BigInt(field * 8)), varint(BigInt.asUintN(64, BigInt(value)))])
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value))
}

/** A field of protocol buffers that holds bytes. */
function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(field * 8 + 2)), varint(BigInt(value.length)), value])
}

function varint(value: bigint): Buffer {
  const parts: number[] = []
  let rest = value
  while (rest > 127n) {
    parts.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  parts.push(Number(rest))
  return Buffer.from(parts)
}
