/**
 * Loaded into a student's program by verify: writes an error that nobody caught to the file
 * IRIS_CRASH_REPORT.
 */
import { writeFileSync } from "node:fs";

const file = process.env.IRIS_CRASH_REPORT;

// The monitor only looks on: the program itself still says and does what it would have done.
process.on("uncaughtExceptionMonitor", (error: unknown) => {
  const { name, message, stack, exitCode } = error instanceof Error ? asRecord(error) : thrown(error);
  // An error with an exit code is a refusal that the program planned, no crash.
  if (file !== undefined && typeof exitCode !== "number") {
    writeFileSync(file, JSON.stringify({ name, message, stack }));
  }
});

function asRecord(error: Error & { exitCode?: unknown }) {
  return { name: error.name, message: error.message, stack: error.stack ?? "", exitCode: error.exitCode };
}

/** `throw "text"` is possible too. */
function thrown(value: unknown) {
  return { name: "thrown", message: String(value), stack: "", exitCode: undefined };
}
