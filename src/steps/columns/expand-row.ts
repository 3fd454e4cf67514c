import type { Row } from '../../core/columns.ts'
import { reject } from '../../core/rejection.ts'
import type { Rejection } from '../../core/rejection.ts'

/** A column of lists and the column of their items. */
export interface Expanded {
  readonly column: string
  readonly target: string
  readonly isEncoded: boolean
}

/** A row for each item of the lists, or why there are none. */
export function expandRow(row: Row, expanded: readonly Expanded[]): Row[] | Rejection {
  const lists: { readonly target: string; readonly list: readonly unknown[] }[] = []
  for (const { column, target, isEncoded } of expanded) {
    const list = isEncoded ? decode(row[column]) : row[column]
    if (!Array.isArray(list))
      return reject(
        'input-invalid',
        `Column '${column}' holds no list${isEncoded ? ' in JSON' : ''}.`,
      )
    lists.push({ target, list })
  }
  const length = lists[0]?.list.length ?? 0
  if (lists.some(({ list }) => list.length !== length))
    return reject(
      'input-invalid',
      `The lists are not equally long: ${expanded.map(({ column }, index) => `'${column}' has ${lists[index]?.list.length ?? 0}`).join(', ')}.`,
    )
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(lists.map(({ target, list }) => [target, list[index] ?? null])),
  )
}

function decode(value: unknown): unknown {
  if (typeof value !== 'string') return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
