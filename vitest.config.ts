import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const KAFKA_TESTS = [
  "4_message_queue/**/*.test.ts",
  "5_task_queue/**/*.test.ts",
  "tests/kafka/*.test.ts",
  "lab/**/*_kafka.test.ts",
  "application/**/*_kafka.test.ts",
];

export default defineConfig({
  test: {
    // Each test file runs real processes of its own.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    projects: [
      {
        extends: true,
        test: {
          name: "programs",
          include: ["**/*.test.ts"],
          exclude: ["node_modules/**", ".cache/**", ...KAFKA_TESTS],
        },
      },
      // One real broker for all of them, and only when one of them is run.
      {
        extends: true,
        test: { name: "kafka", include: KAFKA_TESTS, globalSetup: "tests/support/global_setup.ts" },
      },
    ],
    // Tests wait for events; these limits only end a test that waits for an event that never comes.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
