/** Brings a vector to unit length, in place; one of zeros stays as it is. */
export function normalize(vector: Float32Array): Float32Array {
  let largest = 0
  for (const value of vector) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) return vector
  let sum = 0
  // Divided first, so that no square leaves the range of numbers.
  for (const value of vector) sum += (value / largest) ** 2
  const length = Math.sqrt(sum)
  for (const [index, value] of vector.entries()) vector[index] = value / largest / length
  return vector
}
