import { connect } from 'node:http2'

const service = 'temporal.api.workflowservice.v1.WorkflowService'
const serving = Buffer.from([0x08, 0x01])

/**
 * Asks a Temporal frontend on this host whether it serves, over gRPC's health protocol.
 *
 * Written out over HTTP/2 because the keeper must start in milliseconds, which a gRPC library alone would take.
 */
export function isServing(port: number, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://127.0.0.1:${port}`)
    const timer = setTimeout(() => settle(false), timeoutMs)
    const settle = (answer: boolean) => {
      clearTimeout(timer)
      session.destroy()
      resolve(answer)
    }
    session.on('error', () => settle(false))
    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('error', () => settle(false))
    request.on('end', () => settle(Buffer.concat(parts).subarray(5, 7).equals(serving)))
    request.end(healthRequest())
  })
}

function healthRequest(): Buffer {
  const message = Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)])
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
