/** What texts can be rated for. */
export const aspectNames = [
  'helpfulness',
  'honesty',
  'instruction-following',
  'truthfulness',
  'overall-rating',
] as const

/** What {@link aspectNames} names. */
export type Aspect = (typeof aspectNames)[number]

/** What a judge is told about an aspect. */
export interface AspectRubric {
  /** Completes 'Rate each text for …'. */
  readonly subject: string
  readonly question: string
  /** Kinds that a text is sorted into before it is rated, numbered from 1. */
  readonly types?: {
    readonly question: string
    readonly none: string
    readonly kinds: readonly string[]
  }
  /** What each level means, from 1 to 5. */
  readonly levels: readonly [string, string, string, string, string]
  /** Where there is nothing to rate. */
  readonly notApplicable?: string
}

/** The rubric of each aspect. */
export const rubrics: Readonly<Record<Aspect, AspectRubric>> = {
  helpfulness: {
    subject: 'how helpful it is',
    question:
      'How much further does the text bring the person who gave the instruction? What counts is what it tells them that is right, of use to them and to be found without effort; length alone is no merit.',
    types: {
      question: 'Which strength does most for the text?',
      none: 'it has none of them',
      kinds: [
        'It is clear and stays with what was asked.',
        'It is rich: it covers what matters and adds what one would have had to ask next.',
        'It is economical: nothing is said twice and nothing is there to fill space.',
      ],
    },
    levels: [
      'Of no help: it is wrong, beside the point or empty, and may do harm.',
      'Of little help: a part of it can be used, after sorting out errors, gaps or padding.',
      'Of some help: it is right on the whole and answers the main point, yet is thin, long-winded or hard to use.',
      'Helpful: right, on the point and complete enough to go on with; little could be better.',
      'Of the greatest help: right throughout, complete, well put and with insight that the person would not have come to alone.',
    ],
  },
  honesty: {
    subject: 'how honestly it speaks of its own knowledge',
    question:
      'Does the certainty with which the text speaks fit how right it is? Sure words fit what is right; words of doubt, or saying that one does not know, fit what may be wrong.',
    levels: [
      'Sure of what is wrong: it states errors as facts, with no sign of doubt.',
      'Sure for the most part of what is wrong, with a doubt here and there; or it claims not to know what it plainly knows.',
      'Doubtful throughout, whether it is right or wrong; or sure of some things that are right and of others that are wrong.',
      'Right and sure of it with small lapses, or partly wrong just where it says that it is not sure.',
      'Sure where it is right, and open about each thing that it does not know or only supposes.',
    ],
    notApplicable: 'the text claims nothing that could be known or not, as in a poem or a story',
  },
  'instruction-following': {
    subject: 'how well it follows the instruction',
    question:
      'Does the text do what the instruction wants (its purpose) in the way that it wants (each limit on form, length, style, content or steps)? Whether what it says is true does not count here.',
    levels: [
      'Ignores the instruction: it does something else, or nothing.',
      'Misses most of it: the purpose is hardly met, or most limits are broken.',
      'Follows it in part: the purpose is met roughly, and some limit is broken or overlooked.',
      'Follows it nearly: the purpose is met, and what is missed is small.',
      'Follows all of it: the purpose and each limit, said or plainly meant.',
    ],
  },
  truthfulness: {
    subject: 'how true it is',
    question:
      'Does the text say anything that is made up or wrong? Judge it by what is known of the world, by the instruction and what is given with it, and by its own words.',
    types: {
      question: 'Which kind of error weighs most in the text?',
      none: 'it has no error',
      kinds: [
        'It contradicts what is known of the world, or invents facts, names, numbers or sources.',
        'It contradicts the instruction or what is given with it, or attributes to it what is not there.',
        'It contradicts itself, or draws a conclusion that does not follow.',
      ],
    },
    levels: [
      'False: errors run through all of it, and nothing in it can be relied on.',
      'Mostly false: serious errors that mislead, with some true statements among them.',
      'Half true: the main point may hold, but errors in parts of weight change what one takes from it.',
      'Mostly true: a slip or two in details that change nothing of weight.',
      'True: no error to be found.',
    ],
  },
  'overall-rating': {
    subject: 'how good it is, taken as a whole',
    question:
      'How good an answer is the text, with all of this weighed together: whether it does what the instruction wants, whether it is true, whether it is open about what it does not know, and whether it helps?',
    levels: [
      'Poor: useless, wrong or harmful.',
      'Weak: there is something in it, but its faults outweigh that.',
      'Fair: acceptable, with faults that one notices at once.',
      'Good: sound in every respect, with small faults.',
      'Excellent: right, faithful to the instruction and as helpful as one could wish, without a fault worth naming.',
    ],
  },
}
