/** Many tasks at once. */
import type { Measurements } from "../common/iris.ts";
import { progressBar } from "../common/progress.ts";
import { sampleMeasurements } from "../common/samples.ts";
import type { Reply, TaskQueue } from "./request_reply.ts";
import { printSummary } from "./summary.ts";

/**
 * Asks flowers of the data set and prints who answered. Returns the exit code: 1 when answers are missing.
 */
export async function askSamples(queue: TaskQueue, count: number, timeout: number): Promise<number> {
  return printSummary(await askAll(queue, sampleMeasurements(count), timeout));
}

/** Asks all at once; a progress bar on a terminal. The replies are in the order of the questions. */
export async function askAll(
  queue: TaskQueue,
  questions: readonly Measurements[],
  timeout: number,
): Promise<Reply[]> {
  const bar = progressBar(questions.length, "answered");
  try {
    return await Promise.all(
      questions.map(async (question) => {
        const reply = await queue.ask(question, timeout);
        bar.add(1);
        return reply;
      }),
    );
  } finally {
    bar.stop();
  }
}
