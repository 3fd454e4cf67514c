/** What a request sends piece by piece. */
export interface StreamBody {
  readonly contentType: string
  /** Bytes of all pieces; where it is left out, they go in chunks. */
  readonly length?: number
  readonly pieces: AsyncIterable<string | Uint8Array>
}

/** Smaller pieces are sent together. */
const pieceBytes = 65_536

/** A body that is one JSON value. */
export function jsonBody(value: unknown): StreamBody {
  const bytes = Buffer.from(JSON.stringify(value))
  return { contentType: 'application/json', length: bytes.length, pieces: oneByOne([bytes]) }
}

/** Brings small pieces together to some that are worth sending. */
export async function* gather(
  pieces: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    const part = typeof piece === 'string' ? Buffer.from(piece) : piece
    waiting.push(part)
    bytes += part.byteLength
    if (bytes < pieceBytes) continue
    yield join(waiting)
    waiting = []
    bytes = 0
  }
  if (bytes > 0) yield join(waiting)
}

async function* oneByOne<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts)
}
