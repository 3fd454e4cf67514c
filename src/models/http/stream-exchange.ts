import { Readable } from 'node:stream'

import type { Dispatcher } from 'undici'

import { type CallTimeouts, CallTimer } from './call-timer.ts'
import { ReplyHeaders } from './reply-headers.ts'
import { type StreamBody, gather } from './stream-body.ts'

/** A request whose body, if any, is read while it is sent. */
export interface OutgoingStream {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body: StreamBody | undefined
  readonly signal: AbortSignal | undefined
}

/** A reply whose body is yet to be read. */
export interface IncomingStream {
  readonly status: number
  readonly headers: ReplyHeaders
  /** Fails where the reply breaks off; destroying it ends the connection. */
  readonly body: Readable
}

/** The pieces of a request's body could not be read: no fault of the provider's. */
export class SourceError extends Error {
  constructor(cause: unknown) {
    super('The body of a request could not be read.', { cause })
  }
}

/**
 * Sends a request and resolves when its reply begins.
 *
 * Neither body is held: the reply's is taken off the connection as fast as it is read. Only what the
 * provider is waited for is timed, not the pieces of the request and not whoever reads the reply,
 * and the call as a whole takes as long as its bytes do.
 */
export function exchangeStreams(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: OutgoingStream,
  timeouts: CallTimeouts,
): Promise<IncomingStream> {
  return new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url)
    let controller: Dispatcher.DispatchController | undefined
    let failure: Error | undefined
    let hasReply = false
    let isReadingSource = false

    const reply = new Readable({
      read() {
        if (!controller?.paused) return
        timer.enter('silence')
        controller.resume()
      },
      destroy(error, callback) {
        settle()
        controller?.abort(error ?? new Error('The reply was not read to its end.'))
        callback(error)
      },
    })
    // Whoever reads it is told; where nobody does yet, it must not end the process.
    reply.on('error', () => {})
    const fail = (error: Error) => {
      if (failure !== undefined) return
      failure = error
      settle()
      controller?.abort(error)
      if (hasReply) reply.destroy(error)
      else reject(error)
    }
    const onAbort = () => fail(toError(signal?.reason))
    const timer = new CallTimer({ ...timeouts, callMs: Number.POSITIVE_INFINITY }, fail)
    const settle = () => {
      timer.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort)

    const arm = () => {
      // Until there is a connection that is what is waited for, though pieces are read ahead.
      if (controller === undefined || hasReply) return
      if (isReadingSource) timer.pause()
      else timer.enter('firstByte')
    }
    /** The pieces as the connection asks for them. */
    async function* outgoingPieces(pieces: AsyncIterable<string | Uint8Array>) {
      const source = gather(pieces)[Symbol.asyncIterator]()
      try {
        for (;;) {
          isReadingSource = true
          arm()
          const next = await source.next().catch((error: unknown) => {
            throw new SourceError(error)
          })
          if (failure !== undefined) return
          isReadingSource = false
          arm()
          if (next.done === true) return
          yield next.value
        }
      } finally {
        await source.return(undefined)
      }
    }

    dispatcher.dispatch(
      {
        origin,
        path: pathname + search,
        method,
        headers: { ...headers, ...bodyHeaders(body) },
        body: body === undefined ? null : toReadable(outgoingPieces(body.pieces)),
      },
      {
        onRequestStart(started) {
          controller = started
          if (failure === undefined) arm()
          else started.abort(failure)
        },
        onResponseStart(_, status, received) {
          if (status < 200) return
          hasReply = true
          timer.heard()
          resolve({ status, headers: new ReplyHeaders(received), body: reply })
        },
        onResponseData(started, part) {
          timer.enter('silence')
          if (reply.push(part)) return
          timer.pause()
          started.pause()
        },
        onResponseEnd() {
          settle()
          reply.push(null)
        },
        onResponseError: (_, error) => fail(error),
      },
    )
  })
}

function toReadable(pieces: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(pieces, { objectMode: false, highWaterMark: 1 })
}

function bodyHeaders(body: StreamBody | undefined): Record<string, string> {
  if (body === undefined) return {}
  return {
    'content-type': body.contentType,
    ...(body.length === undefined ? {} : { 'content-length': String(body.length) }),
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
