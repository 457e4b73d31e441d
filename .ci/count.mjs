// Prints the real counts as one plain line: those of vitest's reports together, and the notebook as one more.
import { existsSync, readFileSync } from "node:fs";

const [notebookExitCode, ...reports] = process.argv.slice(2);
const sum = Number(notebookExitCode) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
let skipped = 0;
for (const report of reports) {
  // Without a report the tests did not run to their end.
  if (!existsSync(report)) {
    sum.failed += 1;
    continue;
  }
  const tests = JSON.parse(readFileSync(report, "utf8"));
  // A file that cannot be loaded has no tests to count, but it is a failure all the same.
  const brokenFiles = tests.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  sum.passed += tests.numPassedTests;
  sum.failed += tests.numFailedTests + brokenFiles.length;
  skipped += tests.numPendingTests + tests.numTodoTests;
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${skipped} skipped`);
