/**
 * The conversation of stage 5's client: an arrow for each task that goes out, and one for each answer that
 * comes.
 */

import { randomUUID } from "node:crypto";
import { formatLine } from "../common/iris.ts";
import { promptMeasurements } from "../common/prompt.ts";
import type { Reply, TaskQueue } from "./request_reply.ts";
import { answerLine, shortId } from "./task_lines.ts";

/**
 * Asks what is typed until `q`. A person is answered before the next prompt; the lines of a pipe are all
 * sent, and answered as answers come. Returns the exit code: 1 when a question went without an answer.
 */
export async function converse(queue: TaskQueue, timeout: number, verbose: boolean): Promise<number> {
  let exitCode = 0;
  const open: Promise<void>[] = [];
  for await (const measurements of promptMeasurements()) {
    const task_id = randomUUID();
    console.log(`-> ${shortId(task_id, verbose)} ${formatLine(measurements)}`);
    const shown = queue.ask(measurements, timeout, task_id).then((reply) => {
      if (!show(reply, timeout, verbose)) exitCode = 1;
    });
    if (process.stdin.isTTY) await shown;
    else open.push(shown);
  }
  await Promise.all(open);
  return exitCode;
}

/** Returns whether the task was answered. Answers go to stdout, what went wrong to stderr. */
function show({ task_id, answer, sent, milliseconds }: Reply, timeout: number, verbose: boolean): boolean {
  if (answer === undefined) {
    const where = sent
      ? "it waits in Kafka: is a worker running?"
      : "Kafka has not taken it yet: is it running?";
    const id = shortId(task_id, verbose);
    console.error(`No answer within ${timeout} s to task ${id}; ${where} npm run doctor`);
    return false;
  }
  const line = answerLine(answer, `${milliseconds.toFixed(0)} ms`, verbose);
  if ("error" in answer) console.error(line);
  else console.log(line);
  return !("error" in answer);
}
