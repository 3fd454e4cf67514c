import { hashText } from './hash.ts'

/** Workflow id of what divides a limit group's limits among processes. */
export function limitGroupId(group: string): string {
  return `limits:${hashText(group).slice(0, 32)}`
}
