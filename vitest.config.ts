import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real servers are started and, the first time, built.
    testTimeout: 60_000,
    hookTimeout: 900_000,
    // Programs under test find their own servers; those of the person who runs the tests are not theirs.
    env: {
      TEMPORAL_ADDRESS: '',
      RETORT_STORE: '',
      MISTRAL_API_KEY: '',
      OPENAI_API_KEY: '',
      OPENAI_BASE_URL: '',
    },
  },
})
