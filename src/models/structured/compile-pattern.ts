/** What may be escaped in an expression that knows Unicode; others escape more. */
const syntax = '^$\\.*+?()[]{}|/'

/**
 * A regular expression that matches whole texts, written as for Python, Rust or JavaScript.
 *
 * @throws SyntaxError where it does not compile
 */
export function compilePattern(pattern: string): RegExp {
  const whole = `^(?:${pattern.replaceAll('(?P<', '(?<')})$`
  const plain = whole.replaceAll(/\\([^A-Za-z0-9])/gs, (escaped, character: string) =>
    character === '-' ? '\\x2d' : syntax.includes(character) ? escaped : character,
  )
  try {
    return new RegExp(plain, 'u')
  } catch (error) {
    // A brace of its own is fine elsewhere. Without the flag an unknown escape would be a letter.
    if (/\\(?![dDwWsSbBnrtfv0-9xuck]|[^A-Za-z0-9])/.test(plain)) throw error
    return new RegExp(plain)
  }
}
