/** US dollars as people write them: whole cents, and more digits below ten cents. */
export function usdText(usd: number): string {
  if (usd === 0) return '$0'
  const digits =
    Math.abs(usd) < 0.1
      ? { maximumSignificantDigits: 2 }
      : { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  return `$${usd.toLocaleString('en-US', digits)}`
}
