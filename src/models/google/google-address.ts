/** Where Google's models are served. */
export interface GoogleAddress {
  /** Without the version of the API. */
  readonly baseURL: string
  readonly apiVersion: string
  /** Where a model is on Vertex AI; `undefined` for the Gemini API. */
  readonly vertex?: { readonly project?: string; readonly location?: string }
}

/** Where the Gemini API is. */
export const geminiBaseURL = 'https://generativelanguage.googleapis.com'
/** Where Vertex AI is, wherever in the world it computes. */
export const vertexBaseURL = 'https://aiplatform.googleapis.com'

/** The Gemini API's address; a version at the end of a `baseURL` holds in the place of `v1beta`. */
export function geminiAddress(baseURL: string = geminiBaseURL): GoogleAddress {
  return splitVersion(baseURL, 'v1beta')
}

/** Vertex AI's address for a location; without a project, where a key alone says whose call it is. */
export function vertexAddress(
  project: string | undefined,
  location: string = 'global',
  baseURL: string = vertexHost(location),
): GoogleAddress {
  const vertex = project === undefined ? {} : { project, location }
  return { ...splitVersion(baseURL, 'v1beta1'), vertex }
}

/** A model's name as paths of the Gemini API have it. */
export function modelPath(model: string): string {
  return /^(models|tunedModels)\//.test(model) ? model : `models/${model}`
}

function vertexHost(location: string): string {
  if (location === 'global') return vertexBaseURL
  if (location === 'us' || location === 'eu')
    return `https://aiplatform.${location}.rep.googleapis.com`
  return `https://${location}-aiplatform.googleapis.com`
}

function splitVersion(
  given: string,
  usual: string,
): { readonly baseURL: string; readonly apiVersion: string } {
  const trimmed = given.replace(/\/+$/, '')
  const [, baseURL = trimmed, apiVersion = usual] = /^(.+)\/(v\d\w*)$/.exec(trimmed) ?? []
  return { baseURL, apiVersion }
}
