// Prints the real counts as one plain line: vitest's, and the notebook as one more.
import { readFileSync } from "node:fs";

const [resultsFile, notebookExitCode] = process.argv.slice(2);
const tests = JSON.parse(readFileSync(resultsFile, "utf8"));
const notebookPassed = Number(notebookExitCode) === 0 ? 1 : 0;
// A file that cannot be loaded has no tests to count, but it is a failure all the same.
const brokenFiles = tests.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.length === 0,
);
const passed = tests.numPassedTests + notebookPassed;
const failed = tests.numFailedTests + brokenFiles.length + (1 - notebookPassed);
console.log(`${passed} passed, ${failed} failed, ${tests.numPendingTests + tests.numTodoTests} skipped`);
