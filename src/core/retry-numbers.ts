/** The rows of one step that one run asked for anew. */
export interface Raise {
  readonly run: string
  /** Of rows that the step rejected: a row that it read, or `.k` below it for one of several that it makes of it. */
  readonly identities: readonly string[]
}

/** How often each row of a step was asked for anew by the user's wish. */
export interface RetryNumbers {
  /** The number of a question about a row; 0 where it was never asked anew. */
  of(identity: string, sampleIndex: number): number
  /** Every number of what was made of a source row, each as a text. */
  under(sourceIdentity: string): readonly string[]
}

/**
 * Counts how often rows were asked for anew.
 *
 * @param hasSamples - whether what the step makes of a row is an item a sample, so that one can be asked for alone;
 * else the whole row is
 */
export function countRetries(raises: readonly Raise[], hasSamples: boolean): RetryNumbers {
  const numbers = new Map<string, number>()
  const highestBelow = new Map<string, number>()
  const bySource = new Map<string, string[]>()
  for (const { identities } of raises)
    for (const identity of identities) numbers.set(identity, (numbers.get(identity) ?? 0) + 1)
  for (const [identity, number] of numbers) {
    const dot = identity.lastIndexOf('.')
    const parent = identity.slice(0, dot)
    if (dot > 0) highestBelow.set(parent, Math.max(number, highestBelow.get(parent) ?? 0))
    const [source = ''] = identity.split('.', 1)
    bySource.set(source, [...(bySource.get(source) ?? []), `${identity}=${number}`])
  }
  for (const texts of bySource.values()) texts.sort()
  return {
    of(identity, sampleIndex) {
      const ofItems = hasSamples
        ? numbers.get(`${identity}.${sampleIndex}`)
        : highestBelow.get(identity)
      return (numbers.get(identity) ?? 0) + (ofItems ?? 0)
    },
    under: (sourceIdentity) => bySource.get(sourceIdentity) ?? [],
  }
}
