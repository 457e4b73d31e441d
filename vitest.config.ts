import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", ".cache/**"],
    // Each test file runs real processes of its own.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    // Tests wait for events; these limits only end a test that waits for an event that never comes.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
