import { RetortError } from '../core/errors.ts'

const keyPattern = /^[A-Za-z0-9._=:-]+(?:\/[A-Za-z0-9._=:-]+)*$/
const prefixPattern = /^(?:[A-Za-z0-9._=:-]+\/)*[A-Za-z0-9._=:-]*$/
/** A hidden first segment, and `.` or `..` anywhere. */
const reservedPattern = /^\.|\/\.{1,2}(?:\/|$)/

/** Whether a text can be a key of a store. */
export function isKey(text: string): boolean {
  return keyPattern.test(text) && !reservedPattern.test(text)
}

/** Checks a key. @throws RetortError `internal` */
export function checkKey(key: string): void {
  if (!isKey(key))
    throw new RetortError('internal', `'${key}' is no key: those are [A-Za-z0-9._=:-]+ segments.`)
}

/** Checks what keys are to start with. @throws RetortError `internal` */
export function checkPrefix(prefix: string): void {
  if (!prefixPattern.test(prefix) || reservedPattern.test(prefix))
    throw new RetortError('internal', `'${prefix}' is not the start of any key.`)
}
