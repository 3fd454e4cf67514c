const secretNames = /^(?:api_?key|token|secret|password|hf_token|access_key|secret_key)$/

/** Whether a field is one for secrets, whatever it holds. */
export function isSecretName(field: string): boolean {
  return secretNames.test(field)
}

/** Whether a field holds a secret itself; the asterisks behind which one is hidden are none. */
export function holdsSecret(field: string, value: unknown): boolean {
  if (!isSecretName(field) || value === null || value === undefined) return false
  return typeof value !== 'string' || !/^\**$/.test(value)
}
