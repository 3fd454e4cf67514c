import { hash } from 'node:crypto'

import { isObject } from '../../../src/core/json.ts'
import { png } from '../images.ts'
import type { RouteCall, RouteReply, RouteServer } from './route-server.ts'
import { startRouteServer } from './route-server.ts'
import { sampleOf } from './sample-of.ts'

/**
 * Starts a fake of Hugging Face that answers every conversation, text generation and wish for an image, as the router
 * and any endpoint; endpoints of every name run there, too.
 */
export async function startHuggingFace(): Promise<RouteServer> {
  return await startRouteServer(replyOf)
}

/** What the fake says of an endpoint. */
export function endpointReply(state: string, url?: string): RouteReply {
  return {
    body: {
      name: 'mine',
      model: { repository: 'owner/model', task: 'text-generation' },
      status: { state, ...(url === undefined ? {} : { url }) },
      healthRoute: '/health',
    },
  }
}

function replyOf(call: RouteCall, url: string): RouteReply {
  const { method, path, body } = call
  if (/^\/v2\/endpoint\/[^/]+\/[^/]+$/.test(path) && method === 'GET')
    return endpointReply('running', url)
  if (path === '/v1/chat/completions') return { body: chatCompletion(body) }
  if (path === '/generate') return { headers: counts, body: generation(body) }
  if (path === '/' || path.startsWith('/hf-inference/models/'))
    return isObject(body['parameters']) && 'max_new_tokens' in body['parameters']
      ? { headers: counts, body: [generation(body)] }
      : { body: png }
  return { status: 404, body: { error: `Nothing at ${path}` } }
}

const counts = { 'x-prompt-tokens': '9', 'x-generated-tokens': '4' }

function chatCompletion({ model, messages, response_format: format }: RouteCall['body']): object {
  const wanted = isObject(format) ? format['json_schema'] : undefined
  return {
    id: '1',
    object: 'chat.completion',
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: textFor(messages, isObject(wanted) ? wanted['schema'] : undefined),
        },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
  }
}

function generation({ inputs, parameters }: RouteCall['body']): object {
  const grammar = isObject(parameters) ? parameters['grammar'] : undefined
  const schema = isObject(grammar) && grammar['type'] === 'json' ? grammar['value'] : undefined
  return {
    generated_text: textFor(inputs, schema),
    details: { finish_reason: 'eos_token', generated_tokens: 4, prefill: [], tokens: [] },
  }
}

function textFor(asked: unknown, schema: unknown): string {
  return schema === undefined
    ? `Answer ${hash('sha1', JSON.stringify(asked))}`
    : JSON.stringify(sampleOf(schema))
}
