import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**'],
    reporters: ['default', './test/summary-reporter.ts'],
    // The runner leaves one core free for itself: of two, half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000, // also beside eight busy programs on two cores
    // Of tests that wait for a server's silence, as many at once as a process has sockets for.
    maxConcurrency: 40,
    coverage: { include: ['src/**', 'models/**'], reporter: ['text-summary', 'html'] },
  },
});
