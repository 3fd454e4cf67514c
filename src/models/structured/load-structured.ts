import type { StructuredReader } from '../../core/structured-reader.ts'

/** Loads what reads answers of a form, when the first is to be read: no other run needs a validator. */
export async function loadStructured(): Promise<StructuredReader> {
  const [{ readStructured }, { checkFormat }] = await Promise.all([
    import('./read-structured.ts'),
    import('./check-format.ts'),
  ])
  return { read: readStructured, check: checkFormat }
}
