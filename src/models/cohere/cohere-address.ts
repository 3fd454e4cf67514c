/** Where Cohere is. */
export const cohereURL = 'https://api.cohere.com'

/** Cohere's client adds the version itself. */
export function toServerURL(baseURL: string = cohereURL): string {
  return baseURL.replace(/\/+$/, '').replace(/\/v[12]$/, '')
}
