import type { ErrorObject } from 'ajv'

const mostViolations = 5
const longestMember = 200

/** A sentence with what about an answer does not hold its schema, and where. */
export function violationText(errors: readonly ErrorObject[]): string {
  const told = new Set(errors.filter(isTelling(errors)).map(violation))
  const shown = [...told].slice(0, mostViolations).join('; ')
  const more = told.size > mostViolations ? `; and ${told.size - mostViolations} more` : ''
  return `The JSON of the answer does not hold its schema: ${shown}${more}.`
}

/** Summaries say nothing where what they sum up is there. */
function isTelling(errors: readonly ErrorObject[]) {
  const isSummary = ({ keyword, params }: ErrorObject) =>
    keyword === 'anyOf' ||
    keyword === 'if' ||
    (keyword === 'oneOf' && params['passingSchemas'] === null)
  const hasOther = errors.some((error) => !isSummary(error))
  return (error: ErrorObject) => !(hasOther && isSummary(error))
}

function violation({ keyword, instancePath, message = 'is invalid', params }: ErrorObject): string {
  const path = cut(instancePath === '' ? 'the whole value' : instancePath)
  const listed = keyword === 'enum' ? params['allowedValues'] : undefined
  if (Array.isArray(listed))
    return `${path} must be one of ${cut(listed.map((value) => JSON.stringify(value)).join(', '))}`
  if (keyword === 'const') return `${path} must be ${cut(JSON.stringify(params['allowedValue']))}`
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name: unknown = params['additionalProperty'] ?? params['unevaluatedProperty']
    return `${path} must not have a property ${cut(JSON.stringify(name))}`
  }
  return `${path} ${cut(message)}`
}

function cut(text: string): string {
  return text.length > longestMember ? `${text.slice(0, longestMember)}…` : text
}
