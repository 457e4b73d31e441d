/** Many tasks at once, and a picture of who did them. */
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import type { Measurements } from "../common/iris.ts";
import type { Result } from "../common/messages.ts";
import type { Reply } from "./request_reply.ts";
import { drawTimeline } from "./timeline.ts";

export type Ask = (questions: readonly Measurements[]) => Promise<Promise<Reply>[]>;

/** Asks all at once; a progress bar on a terminal. The replies are in the order of the questions. */
export async function awaitAll(questions: readonly Measurements[], ask: Ask): Promise<Reply[]> {
  const bar = new SingleBar({
    format: "{bar} {value}/{total} answered, {duration_formatted}",
    noTTYOutput: false,
  });
  const isTerminal = process.stderr.isTTY;
  if (isTerminal) bar.start(questions.length, 0);
  const replies = await ask(questions);
  const settled = await Promise.all(
    replies.map(async (reply) => {
      const known = await reply;
      if (isTerminal) bar.increment();
      return known;
    }),
  );
  if (isTerminal) bar.stop();
  return settled;
}

/** Prints answers per worker and the timeline, then names what went without an answer. */
export function printSummary(replies: readonly Reply[]): void {
  const results = replies.flatMap(({ answer }): Result[] =>
    answer === undefined || "error" in answer ? [] : [answer],
  );
  const table = new Table({ head: ["worker", "answers", "partitions"], style: { head: [], border: [] } });
  const workers = new Set(results.map(({ worker }) => worker));
  for (const worker of [...workers].sort()) {
    const theirs = results.filter((result) => result.worker === worker);
    const partitions = [...new Set(theirs.flatMap(({ partition }) => partition ?? []))].sort((a, b) => a - b);
    table.push([worker ?? "unnamed", theirs.length, partitions.join(", ")]);
  }
  const elapsed = Math.max(0, ...replies.map(({ milliseconds }) => milliseconds)) / 1000;
  console.log(`${results.length} of ${replies.length} answered in ${elapsed.toFixed(1)} s\n${table}`);
  console.log(drawTimeline(results));
  reportMissing(replies);
}

/** One line each for the first ten that went without an answer; the exit code is then 1. */
function reportMissing(replies: readonly Reply[]): void {
  const missing = replies.filter(({ answer }) => answer === undefined || "error" in answer);
  for (const { task_id, answer } of missing.slice(0, 10)) {
    const why =
      answer !== undefined && "error" in answer ? `refused: ${answer.error.message}` : "no answer in time";
    console.error(`Task ${task_id}: ${why}`);
  }
  if (missing.length === 0) return;
  process.exitCode = 1;
  console.error(`${missing.length} tasks went without an answer: is a worker up? npm run doctor`);
}
