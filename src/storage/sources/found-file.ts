import type { SourceFile } from '../formats/source-file.ts'

/** A file that a request names, before its format is known. */
export interface FoundFile extends Pick<
  SourceFile,
  'name' | 'version' | 'size' | 'read' | 'local'
> {
  /** How the request names it. */
  readonly by: 'name' | 'folder' | 'glob'
}
