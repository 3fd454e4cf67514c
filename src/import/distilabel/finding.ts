import { RetortError } from '../../core/errors.ts'

/** Something of a dump that has no counterpart here. */
export interface Finding {
  readonly step: string
  /** What it is, by name; never a value, which may be secret. */
  readonly what: string
  /** What whoever imports it can do. */
  readonly todo: string
}

/** Tells of a finding; the translation goes on, so that all are told at once. */
export type Report = (finding: Finding) => void

/** The error that lists everything that hinders an import. */
export function unsupported(where: string, findings: readonly Finding[]): RetortError {
  const listed = findings.map(({ what, todo }, index) => `(${index + 1}) ${what}: ${todo}`)
  return new RetortError(
    'import-unsupported',
    `${where} cannot be imported as it is: ${listed.join('; ')}.`,
    { data: { findings: findings.map((finding) => ({ ...finding })) } },
  )
}
