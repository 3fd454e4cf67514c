import { expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import type { FakeServer } from '../../../bench/fake-server/fake-server.ts'
import { type AnswerFormat, type ChatRequest, prompt, user } from '../../../src/core/chat.ts'
import type { LLM, LLMSpec } from '../../../src/core/llm-spec.ts'
import type { StructuredMode } from '../../../src/core/model-capabilities.ts'
import type { LLMTimeouts } from '../../../src/models/model-params.ts'
import type { ReasoningEffort } from '../../../src/models/openai/openai-params.ts'
import { request } from './llm-conformance.ts'
import { type ProviderFactory, testProvider } from './provider-conformance.ts'

/** Parameters that every factory of a server's model takes. */
export interface ServerSpecOptions {
  readonly model: string
  readonly baseURL: string
  readonly apiKeyEnv: string | null
  readonly timeouts?: LLMTimeouts
  readonly structuredMode?: StructuredMode
  readonly chatTemplate?: string
  readonly generationKwargs?: {
    readonly temperature?: number
    readonly topP?: number
    readonly maxNewTokens?: number
    readonly stop?: string | readonly string[]
    readonly seed?: number
    readonly logprobs?: boolean
    readonly topLogprobs?: number
    readonly reasoningEffort?: ReasoningEffort
    readonly extraBody?: { readonly [name: string]: string }
  }
}

/** How a factory of a server's model is called here. */
export interface ServerFactory extends Omit<ProviderFactory, 'spec'> {
  spec(options: ServerSpecOptions): LLMSpec
}

/** What further tests of a type of model use. */
export interface ServerHarness {
  server(): FakeServer
  /** What a model of these options sends. */
  sent(options?: Partial<ServerSpecOptions>, asked?: ChatRequest): Promise<FakeCall>
  /** Makes a model of the fake provider; whoever makes it closes it. */
  live(options?: Partial<ServerSpecOptions>): Promise<LLM>
}

/** A schema that OpenAI's strict form takes as it is. */
export const strictFormat: AnswerFormat = {
  format: 'json',
  schema: {
    type: 'object',
    properties: { answer: { type: 'string' } },
    required: ['answer'],
    additionalProperties: false,
  },
}

export const regexFormat: AnswerFormat = { format: 'regex', pattern: '[a-z]+' }

/** What every type of model whose server speaks OpenAI's API must do, each with what it says it can. */
export function testServer(factory: ServerFactory): ServerHarness {
  const { definition, spec } = factory
  const { server } = testProvider(factory)
  const { capabilities } = definition

  function live(options: Partial<ServerSpecOptions> = {}): Promise<LLM> {
    const given = spec({
      model: 'small',
      baseURL: `${server().url}/v1`,
      apiKeyEnv: null,
      ...options,
    })
    return definition.create(given, {})
  }

  async function sent(
    options: Partial<ServerSpecOptions> = {},
    asked = request('Hello'),
  ): Promise<FakeCall> {
    const calls: FakeCall[] = []
    server().set({ respond: (call) => void calls.push(call) })
    const llm = await live(options)
    await llm.chat(asked)
    await llm.close?.()
    const [call] = calls
    if (call === undefined) throw new Error('Nothing was sent.')
    return call
  }

  async function answerOf(asked: ChatRequest, options: Partial<ServerSpecOptions> = {}) {
    const llm = await live(options)
    try {
      return await llm.chat(asked)
    } finally {
      await llm.close?.()
    }
  }

  test('parameters of generation go out under their names, and those without one as they are', async () => {
    const { body } = await sent({
      generationKwargs: {
        temperature: 0.5,
        topP: 0.9,
        stop: ['END'],
        seed: 3,
        extraBody: { own: 'x', temperature: 'y' },
      },
    })
    expect(body).toMatchObject({ temperature: 0.5, top_p: 0.9, stop: ['END'], seed: 3, own: 'x' })
  })

  test('each of several answers gets another seed', async () => {
    const options = { generationKwargs: { seed: 3 } }
    const again = await sent(options, { ...request('Hello'), sampleIndex: 2 })
    expect(again.body).toMatchObject({ seed: 5 })
    expect((await sent(options)).body).toMatchObject({ seed: 3 })
    expect((await sent({}, { ...request('Hello'), sampleIndex: 2 })).body).not.toHaveProperty(
      'seed',
    )
  })

  test('a server that wants no key gets none', async () => {
    const { headers } = await sent()
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('api-key')
  })

  test('as many answers come as are wanted at once, where the server has so many', async () => {
    const llm = await live()
    expect(llm.mostChoices).toBe(capabilities.mostChoices)
    if (capabilities.mostChoices > 1) {
      const { choices, usage } = await llm.chat({ ...request('Hello'), choices: 3 })
      expect(new Set(choices.map(({ text }) => text)).size).toBe(3)
      expect(usage.outputTokens).toBeGreaterThan(0)
    }
    await llm.close?.()
    expect((await sent()).body).not.toHaveProperty('n')
  })

  test('a raw prompt goes to completions, or is refused where there are none', async () => {
    const asked = { ...request(''), messages: [prompt('Once upon a time')] }
    if (!capabilities.completions) {
      const error = await answerOf(asked).then(String, (thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'endpoint-wrong', verdict: 'stop' })
      expect(String(error)).toContain('has no completions')
      return
    }
    const { path, body } = await sent({ generationKwargs: { temperature: 0.5 } }, asked)
    expect(path).toMatch(/\/completions$/)
    expect(path).not.toContain('chat')
    expect(body).toEqual({
      model: 'small',
      prompt: 'Once upon a time',
      max_tokens: 2048,
      temperature: 0.5,
    })
    const { choices } = await answerOf(asked)
    expect(choices).toEqual([{ text: expect.any(String), finishReason: 'stop' }])
  })

  if (capabilities.completions) {
    const chatTemplate =
      '{% for message in messages %}[{{ message.role }}] {{ message.content }}\n{% endfor %}[assistant]'

    test('a chat template makes a raw prompt of a conversation', async () => {
      const { path, body } = await sent({ chatTemplate })
      expect(path).toMatch(/\/completions$/)
      expect(body).toMatchObject({
        model: 'small',
        prompt: '[system] You answer briefly.\n[user] Hello\n[assistant]',
        max_tokens: 2048,
      })
      const llama = await sent({ chatTemplate: 'llama3' })
      expect(llama.body).toMatchObject({
        prompt: expect.stringContaining('<|start_header_id|>user<|end_header_id|>'),
      })
      const raw = await sent({ chatTemplate }, { ...request(''), messages: [prompt('Once')] })
      expect(raw.body).toMatchObject({ prompt: 'Once' })
      const identity = definition.identity(
        spec({ model: 'm', baseURL: 'http://host/v1', apiKeyEnv: null, chatTemplate }),
      )
      expect(identity.parameters).toMatchObject({ chatTemplate })
    })

    test('a chat template that is none is refused', async () => {
      await expect(live({ chatTemplate: 'lama3' })).rejects.toMatchObject({
        code: 'template-invalid',
        verdict: 'invalid',
        message: expect.stringContaining("Did you mean 'llama3'?"),
      })
    })

    test('a form that completions cannot be held to is told within the prompt', async () => {
      const asked = { ...request('Hello'), format: strictFormat }
      const { body } = await sent({ chatTemplate, structuredMode: 'instructions' }, asked)
      expect(body).toMatchObject({ prompt: expect.stringContaining('JSON Schema') })
    })
  }

  test('images go out within their message, or are refused where nothing reads them', async () => {
    const url = 'data:image/png;base64,iVBORw0KGgo='
    const content = [
      { type: 'text', text: 'What is this?' } as const,
      { type: 'image', url } as const,
    ]
    const asked = { ...request(''), messages: [user(content)] }
    if (!capabilities.images) {
      const error = await answerOf(asked).then(String, (thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'request-invalid', verdict: 'reject' })
      return
    }
    const sentContent = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url } },
    ]
    const { body } = await sent({}, asked)
    expect(body).toMatchObject({ messages: [{ role: 'user', content: sentContent }] })
  })

  test('log-probabilities come where they are asked for', async () => {
    if (!capabilities.logprobs) return
    const generationKwargs = { logprobs: true, topLogprobs: 1 }
    const { choices } = await answerOf(request('Hello'), { generationKwargs })
    const [first] = choices[0]?.logprobs ?? []
    expect(first).toEqual({
      token: expect.any(String),
      logprob: -0.5,
      top: [{ token: first?.token, logprob: -0.5 }],
    })
    if (!capabilities.completions) return
    const asked = { ...request(''), messages: [prompt('Once')] }
    const continued = await answerOf(asked, { generationKwargs })
    expect(continued.choices[0]?.logprobs?.[0]?.logprob).toBe(-0.5)
  })

  test('a schema goes out in the strongest mode that there is', async () => {
    const [strongest] = capabilities.structured.filter((mode) => mode !== 'regex')
    await expectMode(strongest)
  })

  for (const mode of capabilities.structured.filter((one) => one !== 'regex'))
    test(`a schema goes out as ${mode} where that is wanted`, () => expectMode(mode, mode))

  async function expectMode(mode: StructuredMode | undefined, structuredMode?: StructuredMode) {
    const options = structuredMode === undefined ? {} : { structuredMode }
    const asked = { ...request('Hello'), format: strictFormat }
    const { body } = await sent(options, asked)
    const members = Object.keys(body as object)
    expect(members.includes('response_format')).toBe(mode === 'json-schema')
    expect(members.includes('tools')).toBe(mode === 'tool')
    if (mode === 'instructions') {
      expect(JSON.stringify((body as { messages: unknown }).messages)).toContain('JSON Schema')
      return
    }
    const { choices } = await answerOf(asked, options)
    expect(choices).toEqual([{ text: expect.stringMatching(/^\{"answer"/), finishReason: 'stop' }])
  }

  test('a regular expression goes out where the server takes one, else in words', async () => {
    const { body } = await sent({}, { ...request('Hello'), format: regexFormat })
    const isNative = capabilities.structured.includes('regex')
    const words = JSON.stringify((body as { messages: unknown }).messages)
    expect(words.includes('regular expression')).toBe(!isNative)
    const { messages: _, ...rest } = body as { messages: unknown }
    expect(JSON.stringify(rest).includes('[a-z]+')).toBe(isNative)
  })

  test('what was thought comes apart from the text, with its tokens', async () => {
    server().set({ thoughts: 'Hm, let me see.' })
    const { choices, usage } = await answerOf(request('Hello'))
    expect(choices[0]).toMatchObject({ reasoning: 'Hm, let me see.' })
    expect(choices[0]?.text).not.toContain('Hm')
    expect(usage.reasoningTokens).toBe(4)
  })

  test('new parameters decide answers where they are given, and only there', () => {
    const options = { model: 'small', baseURL: 'http://host/v1', apiKeyEnv: null }
    const plain = definition.identity(spec(options))
    expect(plain.parameters).toEqual({ maxNewTokens: 2048 })
    const [mode = 'instructions'] = capabilities.structured
    const given = spec({
      ...options,
      structuredMode: mode,
      generationKwargs: { reasoningEffort: 'low' },
    })
    expect(definition.identity(given)).toEqual({
      ...plain,
      parameters: { maxNewTokens: 8192, reasoningEffort: 'low', structuredMode: mode },
    })
  })

  return { server, sent, live }
}
