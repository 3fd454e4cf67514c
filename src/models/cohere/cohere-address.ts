const cohereURL = 'https://api.cohere.com'

/** The variable that holds the key where nobody says. */
export const cohereKeyVariable = 'CO_API_KEY'

/** Cohere's client adds the version itself. */
export function toServerURL(baseURL: string = cohereURL): string {
  return baseURL.replace(/\/+$/, '').replace(/\/v[12]$/, '')
}
