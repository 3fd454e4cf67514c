import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Environment } from '../../core/environment.ts'
import { RetortError, messageOf } from '../../core/errors.ts'

import { callProvider } from '../http/json-call.ts'
import { readTokenizerConfig } from '../templates/read-tokenizer-config.ts'
import type { EndpointManager } from './endpoint-manager.ts'

const file = 'tokenizer_config.json'

/**
 * Loads the chat template of a tokenizer: of a model of the Hub, or from a folder.
 *
 * @throws RetortError `template-invalid` where there is none
 */
export async function loadTokenizerTemplate(
  tokenizerId: string,
  manager: EndpointManager,
  environment: Environment,
): Promise<string> {
  const isFolder = /^[./~]|^[a-z]:/i.test(tokenizerId)
  return readTokenizerConfig(
    isFolder ? await readFolder(tokenizerId) : await readHub(tokenizerId, manager, environment),
  )
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
  const address = hub.trim().replace(/\/+$/, '') || 'https://huggingface.co'
  const url = `${address}/${tokenizerId}/resolve/main/${file}`
  const reply = await callProvider(http, callOf(url), { url, method: 'GET', key })
  return await reply.text()
}
