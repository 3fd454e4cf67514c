import type { ModelPrice, Provider } from '@pydantic/genai-prices'

import type { LLMSpec, ModelSpec } from '../core/llm-spec.ts'
import { freePrice, priceOfParts, toPrice } from '../core/price.ts'
import type { Price, PriceTier } from '../core/price.ts'
import type { ModelIdentity, ModelType } from '../core/registry.ts'

/** A model as far as its price depends on it. */
export interface PricedModel {
  readonly spec: Pick<LLMSpec, 'prices'>
  readonly identity: Pick<ModelIdentity, 'provider' | 'model'>
  readonly isSimulated: boolean
}

/**
 * What a model's tokens cost: what its spec says, nothing where it is simulated, else what the table of prices that
 * comes with this release says of that provider and model.
 *
 * A server that the table doesn't know has no price, whatever its models are called.
 */
export async function priceOf(model: PricedModel): Promise<Price | undefined> {
  const { prices } = model.spec
  if (prices !== undefined) return toPrice(prices)
  if (model.isSimulated) return freePrice
  const { provider, model: name } = model.identity
  if (isOfThisMachine(provider)) return undefined
  // The table is large, and many runs do without it.
  const { calcPrice, findProvider } = await import('@pydantic/genai-prices')
  const found = findProvider(
    URL.canParse(provider) ? { providerApiUrl: provider } : { providerId: provider },
  )
  if (found === undefined || !isMeant(found, provider)) return undefined
  // What a model costs may depend on the hour, and the dearest is what a budget must expect.
  const hours = Array.from({ length: 24 }, (_, hour) => new Date(Date.now() + hour * 3_600_000))
  return hours
    .flatMap((timestamp) => {
      const known = calcPrice({ input_tokens: 0, output_tokens: 0 }, name, {
        provider: found,
        timestamp,
      })
      return (known === null ? undefined : tablePrice(known.model_price)) ?? []
    })
    .reduce<Price | undefined>(
      (dearest, price) =>
        dearest === undefined || price.outputNanoUsdPerToken > dearest.outputNanoUsdPerToken
          ? price
          : dearest,
      undefined,
    )
}

/** What a model's tokens cost, of one that is made of others by theirs; `typeOf` finds types of models. */
export async function priceOfModel(
  spec: ModelSpec,
  typeOf: (type: string) => ModelType,
): Promise<Price | undefined> {
  const { parts, isSimulated, identity } = typeOf(spec.type)
  if (parts === undefined || spec.prices !== undefined)
    return await priceOf({ spec, identity: identity(spec), isSimulated })
  const prices = await Promise.all(parts(spec).map((part) => priceOfModel(part, typeOf)))
  const known = prices.filter((price) => price !== undefined)
  return known.length < prices.length ? undefined : priceOfParts(known)
}

/** A price of the table; `undefined` where it is not one by tokens. */
function tablePrice(prices: ModelPrice): Price | undefined {
  const { input_mtok: input, cache_read_mtok: cached, cache_write_mtok: cacheWrite } = prices
  // What turns texts into vectors puts out no tokens.
  const { output_mtok: output = 0 } = prices
  if (input === undefined) return undefined
  const starts = [input, output, cached, cacheWrite].flatMap((price) =>
    typeof price === 'object' ? price.tiers.map(({ start }) => start) : [],
  )
  const at = (tokens: number): Omit<Price, 'tiers'> => ({
    inputNanoUsdPerToken: perToken(input, tokens),
    outputNanoUsdPerToken: perToken(output, tokens),
    ...(cached === undefined ? {} : { cachedInputNanoUsdPerToken: perToken(cached, tokens) }),
    ...(cacheWrite === undefined
      ? {}
      : { cacheWriteNanoUsdPerToken: perToken(cacheWrite, tokens) }),
  })
  const tiers = [...new Set(starts)]
    .toSorted((a, b) => a - b)
    .map((above): PriceTier => ({ above, ...at(above + 1) }))
  return { ...at(0), ...(tiers.length === 0 ? {} : { tiers }) }
}

type TablePrice = NonNullable<ModelPrice[string]>

/** Billionths of a US dollar; the table has US dollars per million tokens. */
function perToken(price: TablePrice, tokens: number): number {
  if (typeof price === 'number') return price * 1_000
  return (price.tiers.findLast(({ start }) => tokens > start)?.price ?? price.base) * 1_000
}

/** The table takes a name for a provider's that only begins like it; such a one may be anybody's. */
function isMeant({ id }: Provider, provider: string): boolean {
  return URL.canParse(provider) || id === provider.toLowerCase()
}

function isOfThisMachine(provider: string): boolean {
  if (!URL.canParse(provider)) return false
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(provider).hostname)
}
