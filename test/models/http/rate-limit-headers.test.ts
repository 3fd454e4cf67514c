import { expect, test } from 'vitest'

import { parseRateLimitHeaders } from '../../../src/models/http/rate-limit-headers.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

function parse(headers: Readonly<Record<string, string>>) {
  return parseRateLimitHeaders(new Headers(headers), now)
}

function resetOf(text: string): number | undefined {
  return parse({
    'x-ratelimit-remaining-requests': '1',
    'x-ratelimit-reset-requests': text,
  })?.requests?.resetMs
}

test("OpenAI's headers tell both limits", () => {
  expect(
    parse({
      'x-ratelimit-limit-requests': '5000',
      'x-ratelimit-remaining-requests': '4999',
      'x-ratelimit-reset-requests': '12ms',
      'x-ratelimit-limit-tokens': '160000',
      'x-ratelimit-remaining-tokens': '159976',
      'x-ratelimit-reset-tokens': '6m0s',
    }),
  ).toEqual({
    requests: { limit: 5000, remaining: 4999, resetMs: 12 },
    tokens: { limit: 160_000, remaining: 159_976, resetMs: 360_000 },
  })
})

test("Anthropic's headers tell when a window ends, and the tightest limit of tokens", () => {
  expect(
    parse({
      'anthropic-ratelimit-requests-limit': '1000',
      'anthropic-ratelimit-requests-remaining': '999',
      'anthropic-ratelimit-requests-reset': '2026-03-01T12:00:10Z',
      'anthropic-ratelimit-input-tokens-limit': '80000',
      'anthropic-ratelimit-input-tokens-remaining': '80000',
      'anthropic-ratelimit-tokens-limit': '96000',
      'anthropic-ratelimit-tokens-remaining': '1000',
      'anthropic-ratelimit-tokens-reset': '2026-03-01T11:59:59Z',
    }),
  ).toEqual({
    requests: { limit: 1000, remaining: 999, resetMs: 10_000, windowMs: 60_000 },
    tokens: { limit: 96_000, remaining: 1000, resetMs: 0, windowMs: 60_000 },
  })
})

test.for(['input', 'output'])("Anthropic's limit of %s tokens counts where it is alone", (kind) => {
  const headers = { [`anthropic-ratelimit-${kind}-tokens-remaining`]: '5' }
  expect(parse(headers)?.tokens?.remaining).toBe(5)
})

test("Mistral's headers tell limits by the minute, in both of its ways", () => {
  expect(
    parse({
      'x-ratelimit-limit-req-minute': '720',
      'x-ratelimit-remaining-req-minute': '717',
      'x-ratelimit-limit-tokens-minute': '5000000',
      'x-ratelimit-remaining-tokens-minute': '4999911',
      'x-ratelimit-tokens-query-cost': '52',
    }),
  ).toEqual({
    requests: { limit: 720, remaining: 717, resetMs: undefined, windowMs: 60_000 },
    tokens: { limit: 5_000_000, remaining: 4_999_911, resetMs: undefined, windowMs: 60_000 },
  })
  expect(
    parse({
      'x-ratelimitbysize-limit-minute': '500000',
      'x-ratelimitbysize-remaining-minute': '499900',
      'x-ratelimitbysize-limit-month': '1000000000',
      'ratelimitbysize-reset': '41',
    }),
  ).toEqual({
    requests: undefined,
    tokens: { limit: 500_000, remaining: 499_900, resetMs: undefined, windowMs: 60_000 },
  })
})

test('limits by the day say that they are', () => {
  expect(
    parse({
      'x-ratelimit-limit-requests-day': '1000',
      'x-ratelimit-remaining-requests-day': '750',
      'x-ratelimit-reset-requests-day': '3600.5',
    })?.requests,
  ).toEqual({ limit: 1000, remaining: 750, resetMs: 3_600_500, windowMs: 86_400_000 })
})

test('limits without a unit count requests, and tokens have a name of their own', () => {
  expect(
    parse({
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '9',
      'x-ratelimit-reset': '1',
      'x-tokenlimit-limit': '3000',
      'x-tokenlimit-remaining': '2900',
    }),
  ).toEqual({
    requests: { limit: 10, remaining: 9, resetMs: 1000 },
    tokens: { limit: 3000, remaining: 2900, resetMs: undefined },
  })
})

test("the standard's headers tell a limit and its window", () => {
  expect(
    parse({
      'ratelimit-limit': '100, 100;w=60, 5000;w=3600',
      'ratelimit-remaining': '50',
      'ratelimit-reset': '30',
    })?.requests,
  ).toEqual({ limit: 100, remaining: 50, resetMs: 30_000, windowMs: 60_000 })
  expect(parse({ 'ratelimit-limit': '100' })?.requests).toEqual({
    limit: 100,
    remaining: undefined,
    resetMs: undefined,
  })
})

test.for([
  ['1s', 1000],
  ['8.64s', 8640],
  ['2m59.56s', 179_560],
  ['1h30m', 5_400_000],
  ['1d2h', 93_600_000],
  ['120ms', 120],
  ['500us', 0.5],
  ['7', 7000],
  ['0', 0],
  [String(now / 1000 + 20), 20_000],
  [String(now + 20_000), 20_000],
  [String(now / 1000 - 20), 0],
  ['2026-03-01T12:00:02.5Z', 2500],
  ['2026-03-01T13:00:02+01:00', 2000],
] as const)('a reset of %s is %d ms off', ([text, milliseconds]) => {
  expect(resetOf(text)).toBeCloseTo(milliseconds, 6)
})

test.for(['', 'soon', '-5', '5 bananas', '1s!', '5x', '99999d', '2026-99-99T00:00:00Z', '1e9'])(
  "a reset of '%s' is none",
  (text) => {
    expect(resetOf(text)).toBeUndefined()
  },
)

test('garbage, and what providers send where they do not know, is no limit', () => {
  expect(parse({})).toBeUndefined()
  for (const value of ['-1', '', 'many', 'NaN', '1e400', '5x', '9'.repeat(400)])
    expect(
      parse({
        'x-ratelimit-limit-tokens': value,
        'x-ratelimit-remaining-tokens': value,
        'x-ratelimit-reset-tokens': '0',
      }),
    ).toBeUndefined()
})
