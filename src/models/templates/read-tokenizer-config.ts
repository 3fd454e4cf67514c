import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

const tokenNames = ['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const

/**
 * Takes the chat template out of the text of a model's `tokenizer_config.json`, as a Jinja text that stands alone.
 *
 * It is what a model's parameter `chatTemplate` takes: the tokens that it names are given their values in its first lines.
 * Of several templates it takes the one called `default`, or the one that is asked for.
 *
 * @param name - of one of several templates, such as `rag`
 * @throws RetortError `file-malformed` where the text is no JSON object, `template-invalid` where it holds no such template
 */
export function readTokenizerConfig(text: string, name = 'default'): string {
  const config = parseConfig(text)
  const template = templateIn(config['chat_template'], name)
  const tokens = tokenNames.flatMap((token) => {
    const value = tokenText(config[token])
    return value === undefined ? [] : [`{% set ${token} = ${JSON.stringify(value)} %}`]
  })
  // A line end right behind a statement would be taken for the statement's own.
  const first = template.startsWith('\n') && tokens.length > 0 ? "{{ '' }}" : ''
  return [...tokens, first, template].join('')
}

function parseConfig(text: string): Readonly<Record<string, unknown>> {
  let config: unknown
  try {
    config = JSON.parse(text)
  } catch (error) {
    throw new RetortError('file-malformed', `The tokenizer's configuration is no JSON.`, {
      cause: error,
    })
  }
  if (isObject(config)) return config
  throw new RetortError('file-malformed', `The tokenizer's configuration is no JSON object.`)
}

/** One text, or a list of named ones. */
function templateIn(given: unknown, name: string): string {
  if (typeof given === 'string' && name === 'default') return given
  const named: readonly unknown[] = Array.isArray(given) ? given : []
  const all = named.filter(isObject)
  const found = all.find((one) => one['name'] === name)?.['template']
  if (typeof found === 'string') return found
  const names = all.map((one) => String(one['name'])).join("', '")
  const there = names === '' ? '' : ` Templates there: '${names}'.`
  throw new RetortError(
    'template-invalid',
    `The tokenizer's configuration holds no chat template '${name}'.${there}`,
  )
}

/** A special token is a text, or an object that has it as its `content`. */
function tokenText(token: unknown): string | undefined {
  const text = isObject(token) ? token['content'] : token
  return typeof text === 'string' ? text : undefined
}
