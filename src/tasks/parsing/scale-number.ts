/** Which numbers a scale has. */
export interface Scale {
  readonly least: number
  readonly most: number
  /** Whether it has fractions; whole numbers alone where left out. */
  readonly hasFractions?: boolean
}

const number = String.raw`[-+−]?\d+(?:\.\d+)?`
const ofMost = String.raw`\s*(?:\(\s*)?(?:/|out\s+of\b|of\b)\s*(?<most>${number})(?:\s*\))?`
const leading = new RegExp(
  String.raw`^(?:["'“‘([]|<(?=[^<>]*>))*(?<value>${number})(?:${ofMost})?["'”’>)\]]*(?<rest>.*)$`,
  'isu',
)
/** What may follow a number without making it another, or a guess. */
const remark = /^\s*(?:$|\n|[^\p{L}\p{N}\s%+^~?]|(?:stars?|points?)\b)/iu

/**
 * Reads the one number that a text begins with: `4`, `**4**`, `4/5` and `4 (good)` are 4, `10` is 10.
 *
 * @param what whose number it is, as the sentence of an error begins
 * @throws Error where there is none, more than one (`3-4`), one of another scale (`4/10`), or one that the scale lacks
 */
export function scaleNumber(text: string, what: string, scale: Scale): number {
  const { least, most, hasFractions = false } = scale
  const { value, most: toldMost, rest = '' } = leading.exec(withoutMarks(text))?.groups ?? {}
  const read = toNumber(value)
  const isAlone = remark.test(rest) && !/\p{N}/u.test(rest)
  const isOfScale = toldMost === undefined || toNumber(toldMost) === most
  const isOnScale = read >= least && read <= most && (hasFractions || Number.isInteger(read))
  if (isAlone && isOfScale && isOnScale) return read
  throw new Error(
    `${what} is '${shown(text)}'; it must be one ${hasFractions ? '' : 'whole '}number from ${least} to ${most}.`,
  )
}

/** Whether a text says that there is no number to give: `N/A` or `None`, with a remark at most. */
export function isNotApplicable(text: string): boolean {
  const [, rest] =
    /^["'“(<[]*(?:n\/?a|none)["'”)>\]]*(?=$|[.,;:!]|\s*[-–—(])(.*)$/is.exec(withoutMarks(text)) ??
    []
  return rest !== undefined && !/\p{N}/u.test(rest)
}

/** Markdown becomes spaces, so that it joins no digits that it stood between. */
function withoutMarks(text: string): string {
  return text.replaceAll(/[*_`#]/g, ' ').trim()
}

function toNumber(text: string | undefined): number {
  return text === undefined ? Number.NaN : Number(text.replace('−', '-'))
}

function shown(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
