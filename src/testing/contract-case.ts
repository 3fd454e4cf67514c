import assert from 'node:assert/strict'

import type { LiveModel } from '../core/llm-spec.ts'

/** One thing that a model must do; any test runner takes it: `test(name, run)`. */
export interface ContractCase {
  /** A sentence about behaviour. */
  readonly name: string
  /** Makes a model, tries it and closes it; throws an `AssertionError` where it does not what it must. */
  readonly run: () => Promise<void>
}

/** Cases of which each tries a model of its own. */
export function toCases<Model extends LiveModel>(
  create: () => Promise<Model>,
  cases: Readonly<Record<string, (model: Model) => Promise<void>>>,
): readonly ContractCase[] {
  return Object.entries({ ...cases, ...nameCase }).map(([name, attempt]) => ({
    name,
    run: async () => {
      const model = await create()
      try {
        await attempt(model)
      } finally {
        await model.close?.()
      }
    },
  }))
}

const nameCase = {
  'a live model says what it is': async ({ type, model, isSimulated }: LiveModel) => {
    assert.equal(typeof type, 'string')
    assert.notEqual(type, '', 'its type is empty')
    assert.equal(typeof model, 'string')
    assert.notEqual(model, '', 'its name is empty')
    assert.equal(typeof isSimulated, 'boolean')
  },
}

/** Sees to it that a request is the same behind a call as before. */
export async function checkUntouched<Request>(
  request: Request,
  call: (request: Request) => Promise<unknown>,
): Promise<void> {
  const before = structuredClone(request)
  await call(request)
  assert.deepEqual(request, before, 'it changed the request')
}

/** Sees to it that a call whose signal was aborted before throws the signal's reason, and nothing else. */
export async function checkAborted(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const reason = new Error('cancelled')
  const thrown = await call(AbortSignal.abort(reason)).then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.equal(thrown, reason, 'it did not throw the reason of the signal')
}

/** Sees to it that tokens are counted in whole numbers from 0. */
export function checkTokens(tokens: Readonly<Record<string, unknown>>): void {
  for (const [name, count] of Object.entries(tokens))
    assert.ok(
      typeof count === 'number' && Number.isSafeInteger(count) && count >= 0,
      `usage.${name} is ${String(count)}, which is no count of tokens`,
    )
}
