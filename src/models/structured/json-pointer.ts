import { isObject } from '../../core/json.ts'

/** What a pointer such as `#/$defs/tree` points to within a schema; `undefined` where nothing is there. */
export function valueAtPointer(root: unknown, pointer: string): unknown {
  if (pointer === '#' || pointer === '#/') return root
  if (!pointer.startsWith('#/')) return undefined
  let value = root
  for (const part of pointerParts(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)]
    else if (isObject(value) && Object.hasOwn(value, part)) value = value[part]
    else return undefined
  }
  return value
}

/** The names that a pointer goes along. */
export function pointerParts(pointer: string): readonly string[] {
  return pointer
    .slice(2)
    .split('/')
    .map((part) => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A pointer to a member of what another points to. */
export function memberPointer(pointer: string, ...names: readonly (string | number)[]): string {
  return [pointer, ...names.map((name) => encodeURIComponent(escaped(String(name))))].join('/')
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
