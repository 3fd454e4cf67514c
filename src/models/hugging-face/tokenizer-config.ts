import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Environment } from '../../core/environment.ts'
import { RetortError, messageOf } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { EndpointManager } from './endpoint-manager.ts'
import { callProvider } from '../http/json-call.ts'

/** What of a tokenizer's `tokenizer_config.json` writes conversations as texts. */
export interface TokenizerConfig {
  readonly template: string
  /** Texts that the template may name, such as `bos_token`. */
  readonly specialTokens: Readonly<Record<string, string>>
}

const file = 'tokenizer_config.json'

/**
 * Loads the chat template of a tokenizer: of a model of the Hub, or from a folder.
 *
 * @throws RetortError `template-invalid` where there is none
 */
export async function loadTokenizerConfig(
  tokenizerId: string,
  manager: EndpointManager,
  environment: Environment,
): Promise<TokenizerConfig> {
  const isFolder = /^[./~]|^[a-z]:/i.test(tokenizerId)
  const text = isFolder
    ? await readFolder(tokenizerId)
    : await readHub(tokenizerId, manager, environment)
  const config = parse(text)
  const template = templateIn(config['chat_template'])
  if (template === undefined)
    throw new RetortError(
      'template-invalid',
      `The ${file} of tokenizer '${tokenizerId}' holds no chat template; set chatTemplate instead of tokenizerId.`,
    )
  return { template, specialTokens: specialTokensIn(config) }
}

async function readFolder(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, file), 'utf8')
  } catch (error) {
    throw new RetortError(
      'file-missing',
      `The tokenizer's folder '${folder}' has no ${file} that can be read: ${messageOf(error)}.`,
      { cause: error },
    )
  }
}

async function readHub(
  tokenizerId: string,
  { http, key, callOf }: EndpointManager,
  { HF_ENDPOINT: hub = '' }: Environment,
): Promise<string> {
  const url = `${hub.trim().replace(/\/+$/, '') || 'https://huggingface.co'}/${tokenizerId}/resolve/main/${file}`
  const reply = await callProvider(http, callOf(url), { url, method: 'GET', key })
  return await reply.text()
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const config: unknown = JSON.parse(text)
    return isObject(config) ? config : {}
  } catch {
    return {}
  }
}

/** Some have several, by name; what is not for tools is the default one. */
function templateIn(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  if (!Array.isArray(given)) return undefined
  const named = given.filter(isObject)
  const { template } = named.find(({ name }) => name === 'default') ?? named[0] ?? {}
  return typeof template === 'string' ? template : undefined
}

function specialTokensIn(config: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      if (!name.endsWith('_token')) return []
      const text = isObject(value) ? value['content'] : value
      return typeof text === 'string' ? [[name, text]] : []
    }),
  )
}
