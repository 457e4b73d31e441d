/**
 * What became of many tasks: answers of each worker, a picture of who worked when, and what went without an
 * answer.
 */
import Table from "cli-table3";
import type { Result } from "../common/messages.ts";
import { plural } from "../common/plural.ts";
import { printable } from "../common/printable.ts";
import type { Reply } from "./request_reply.ts";
import { drawTimeline } from "./timeline.ts";

/** Prints it. Returns the exit code: 1 when answers are missing. */
export function printSummary(replies: readonly Reply[]): number {
  const results = replies.flatMap(({ answer }): Result[] =>
    answer === undefined || "error" in answer ? [] : [answer],
  );
  const table = new Table({ head: ["worker", "answers", "partitions"], style: { head: [], border: [] } });
  const nameOf = ({ worker = "unnamed" }: Result) => worker;
  for (const worker of [...new Set(results.map(nameOf))].sort()) {
    const theirs = results.filter((result) => nameOf(result) === worker);
    const partitions = [...new Set(theirs.flatMap(({ partition }) => partition ?? []))].sort((a, b) => a - b);
    table.push([printable(worker), theirs.length, partitions.join(", ")]);
  }
  const slowest = replies.reduce((longest, { milliseconds }) => Math.max(longest, milliseconds), 0);
  console.log(
    `${results.length} of ${replies.length} answered in ${(slowest / 1000).toFixed(1)} s\n${table}`,
  );
  console.log(drawTimeline(results));
  return reportMissing(replies);
}

/** One line each for the first ten that went without an answer; the exit code is then 1. */
function reportMissing(replies: readonly Reply[]): number {
  const missing = replies.filter(({ answer }) => answer === undefined || "error" in answer);
  for (const { task_id, answer } of missing.slice(0, 10)) {
    const why =
      answer !== undefined && "error" in answer
        ? `refused: ${printable(answer.error.message)}`
        : "no answer in time";
    console.error(`Task ${task_id}: ${why}`);
  }
  if (missing.length === 0) return 0;
  const tasks = plural(missing.length, "task");
  console.error(`${tasks} went without an answer: is a worker running? npm run doctor`);
  return 1;
}
