import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    reporters: ['verbose'],
    testTimeout: 120_000,
    fileParallelism: false,
  },
});
