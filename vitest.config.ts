import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**'],
    reporters: ['default', './test/summary-reporter.ts'],
    testTimeout: 20_000,
    coverage: { include: ['src/**', 'models/**'], reporter: ['text-summary', 'html'] },
  },
});
