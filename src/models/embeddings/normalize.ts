/** Brings a vector to length 1, in its own place; one of nothing but zeros stays as it is. */
export function normalize(vector: Float32Array): Float32Array {
  let sum = 0
  for (const value of vector) sum += value * value
  if (sum === 0) return vector
  const length = Math.sqrt(sum)
  for (const [index, value] of vector.entries()) vector[index] = value / length
  return vector
}
