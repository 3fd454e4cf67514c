import { RetortError } from '../core/errors.ts'
import type { Environment } from '../core/environment.ts'

const secretNames = /^(api_?key|api-key|x-api-key|authorization|token|secret|password)$/i
const secretShapes = /(?:^|[\s:="'])(sk-[\w-]{4,}|hf_[A-Za-z0-9]{20,}|Bearer\s+\S+)/
const anySecretShape = /sk-[\w*.-]{4,}|\bhf_[A-Za-z0-9]{20,}|Bearer\s+[^\s"',}]+/g
/** Shorter values of key variables are placeholders such as `EMPTY`, and too common to look for. */
const shortestKey = 8

/**
 * Finds a key where only the name of its variable may stand.
 *
 * @throws RetortError `key-in-spec`, whose message does not hold the key
 */
export function checkForKeys(params: unknown, environment: Environment, who: string): void {
  const path = findKey(params, keyValues(environment), [])
  if (path === undefined) return
  throw new RetortError(
    'key-in-spec',
    `Parameter '${path.join('.')}' of ${who} holds a key; put the key into an environment variable and that variable's name into 'apiKeyEnv'.`,
  )
}

/** Makes a function that takes keys out of texts of others. */
export function createRedact(keys: readonly string[]): (text: string) => string {
  const known = keys
    .filter((key) => key.length > 0)
    .flatMap((key) => [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)])
  return (text) => {
    let redacted = text
    for (const key of known) redacted = redacted.replaceAll(key, '[key]')
    return redacted.replaceAll(anySecretShape, '[key]')
  }
}

function keyValues(environment: Environment): readonly string[] {
  return Object.entries(environment)
    .filter(
      ([name, value]) => /_(API_KEY|TOKEN)$/.test(name) && (value?.length ?? 0) >= shortestKey,
    )
    .map(([, value]) => value ?? '')
}

function findKey(
  value: unknown,
  keys: readonly string[],
  path: readonly string[],
): readonly string[] | undefined {
  if (typeof value === 'string') return isKey(value, keys) ? path : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, member] of Object.entries(value)) {
    const memberPath = [...path, name]
    if (typeof member === 'string' && secretNames.test(name)) return memberPath
    const found = findKey(member, keys, memberPath)
    if (found !== undefined) return found
  }
  return undefined
}

function isKey(text: string, keys: readonly string[]): boolean {
  if (secretShapes.test(text) || keys.some((key) => text.includes(key))) return true
  return URL.canParse(text) && new URL(text).password !== ''
}
