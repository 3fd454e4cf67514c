/** Parameters whose names here are not simply distilabel's in camel case, by `Class.parameter` or for all classes. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['base_url', 'baseURL'],
  ['MistralLLM.endpoint', 'baseURL'],
])

/** What a parameter of a class of distilabel is called here. */
export function parameterName(className: string, name: string): string {
  return (
    exceptions.get(`${className}.${name}`) ??
    exceptions.get(name) ??
    name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  )
}
