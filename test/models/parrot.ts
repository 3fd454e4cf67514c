import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'

import { text } from 'node:stream/consumers'

import { z } from 'zod'

import { defineLLM } from '../../src/index.ts'

/** A model of a user, that repeats what a server of theirs says. */
export const parrot = defineLLM({
  type: 'ParrotLLM',
  params: z.strictObject({
    model: z.string().default('grey'),
    baseURL: z.url(),
    apiKeyEnv: z.string().optional(),
    keyHeader: z.string().optional(),
  }),
  identity: ({ model, baseURL }) => ({ provider: baseURL, model, parameters: {} }),
  keyVariable: ({ apiKeyEnv }) => apiKeyEnv,
  async create({ model, baseURL, keyHeader }, { connect }) {
    const server = await connect(`ParrotLLM '${model}'`, {
      keyHeader,
      headers: { 'x-cage': 'big' },
      timeouts: { callSeconds: 20 },
    })
    return {
      type: 'ParrotLLM',
      model,
      isSimulated: false,
      async chat({ messages }, options) {
        const said = messages.at(-1)?.content
        const reply = await server.post(`${baseURL}/say`, { model, said }, options)
        return {
          choices: [{ text: String(reply['text']), finishReason: 'stop' }],
          usage: { inputTokens: Number(reply['read']), outputTokens: Number(reply['spoken']) },
          model,
        }
      },
      close: () => server.close(),
    }
  },
})

/** What the server of a parrot was asked. */
export interface ParrotCall {
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly model: string; readonly said: string }
}

/** A server of a protocol that no provider has. */
export async function startParrotServer(
  reply: (call: ParrotCall, response: ServerResponse) => object = ({ body }) => ({
    text: `${body.said}!`,
    read: body.said.length,
    spoken: body.said.length + 1,
  }),
) {
  const calls: ParrotCall[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const call = { headers: request.headers, body: JSON.parse(await text(request)) }
    calls.push(call)
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-ratelimit-limit-requests', '7')
    response.setHeader('x-ratelimit-remaining-requests', '6')
    response.end(JSON.stringify(reply(call, response)))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
