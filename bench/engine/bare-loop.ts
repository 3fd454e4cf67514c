import { OpenAI } from 'openai'
import { Agent, request } from 'undici'

import { instruction } from './pipelines.ts'

/** Asks the provider for all rows in a bare loop over a client, and gives rows per second. */
export async function bareLoop(
  baseURL: string,
  rows: number,
  inFlight: number,
  transport: 'own fetch' | 'undici.request',
): Promise<number> {
  const dispatcher = new Agent({ allowH2: false })
  const client = new OpenAI({
    apiKey: 'none',
    baseURL,
    maxRetries: 0,
    ...(transport === 'own fetch' ? {} : { fetch: requestWith(dispatcher) }),
  })
  const startedAt = performance.now()
  let next = 0
  const worker = async () => {
    for (let index = next++; index < rows; index = next++)
      await client.chat.completions.create({
        model: 'm',
        max_tokens: 2_048,
        messages: [{ role: 'user', content: instruction(index) }],
      })
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  await dispatcher.close()
  return (rows / (performance.now() - startedAt)) * 1_000
}

function requestWith(dispatcher: Agent): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : input
    const { statusCode, headers, body } = await request(String(url), {
      method: 'POST',
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: String(init?.body),
      dispatcher,
    })
    return new Response(await body.text(), {
      status: statusCode,
      headers: { 'content-type': String(headers['content-type']) },
    })
  }
}

// As a process of its own: `node bare-loop.ts URL ROWS IN_FLIGHT TRANSPORT` prints rows per second.
const [, file, baseURL, rows, inFlight, transport] = process.argv
if (
  file !== undefined &&
  import.meta.url.endsWith('/bare-loop.ts') &&
  file.endsWith('bare-loop.ts') &&
  baseURL !== undefined
)
  process.stdout.write(
    `${await bareLoop(baseURL, Number(rows), Number(inFlight), transport === 'own fetch' ? 'own fetch' : 'undici.request')}\n`,
  )
