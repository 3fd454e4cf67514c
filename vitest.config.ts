import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/build-servers.ts'],
    // Real servers are started.
    testTimeout: 60_000,
    hookTimeout: 180_000,
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
