/**
 * The lines about a task. Workers and clients name it by the start of its UUID, so that the eye can follow
 * it.
 */
import { formatAnswer, SPECIES } from "../common/iris.ts";
import type { Failure, Result } from "../common/messages.ts";
import { printable } from "../common/printable.ts";

/** The first four characters of a task's id, or all of it; a task of stage 4 has none. */
export function shortId(task_id: string | undefined, whole = false): string {
  if (task_id === undefined) return "----";
  return printable(whole ? task_id : task_id.slice(0, 4));
}

/** `<- 7f3a versicolor, worker-2, 1009 ms`; `when` is its last part. */
export function answerLine(answer: Result | Failure, when: string, verbose: boolean): string {
  const id = shortId(answer.task_id, verbose);
  const worker = printable(answer.worker ?? "a worker");
  if ("error" in answer) return `<- ${id} refused: ${printable(answer.error.message)}`;
  const { iris_type, species = SPECIES[iris_type] } = answer.answer;
  return `<- ${id} ${verbose ? formatAnswer(answer.answer) : species}, ${worker}, ${when}`;
}
