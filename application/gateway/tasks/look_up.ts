/** Finds a task, or says why there is none: what the view does not hold yet, the log may. */
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { show } from "../../../common/iris.ts";
import { findTask, isForgotten } from "../../view/queries.ts";
import type { TaskRow } from "../../view/schema.ts";
import type { View } from "../../view/types.ts";
import { Deadline } from "../deadline.ts";
import { Problem } from "../http/problem.ts";

/** In the path: a task's id, or the place of one that has none, as in 3@17. */
export const taskIdSchema = v.strictObject({
  id: v.pipe(
    v.string(),
    // As the workers read it: see parseTask(). Control characters would make trouble wherever it is shown.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
    v.regex(/^[^\u0000-\u001f\u007f]{1,200}$/, "a text of 1 to 200 characters"),
    v.description(
      "The id that POST /tasks gave, or partition@offset for a task of stage 4, which has no id.",
    ),
  ),
});

/** Throws InputError. */
export function parseTaskId(params: unknown): string {
  const parsed = v.safeParse(taskIdSchema, params);
  if (parsed.success) return parsed.output.id;
  throw new InputError(
    "the task's id",
    "a text of 1 to 200 characters",
    show((params as { id?: string }).id),
  );
}

/**
 * "Unknown" is said only after the log has been read up to where it ended when the question came: another
 * gateway may just have given this id. Throws Problem: 404, 410; KafkaError while Kafka is away.
 */
export async function lookUp(view: View, id: string): Promise<TaskRow> {
  const known = findTask(view.database, id);
  if (known !== undefined) return known;
  throwIfForgotten(view, id);
  await new Deadline().readToEnd(view, ["tasks", "results"]);
  const row = findTask(view.database, id);
  if (row !== undefined) return row;
  throwIfForgotten(view, id);
  throw new Problem("unknown-task", `No task has the id ${show(id)}: Kafka's log was read to its end`);
}

/** Throws Problem 410. */
export function throwIfForgotten(view: View, id: string): void {
  if (!isForgotten(view.database, id)) return;
  throw new Problem(
    "forgotten",
    `The task ${show(id)} is finished, and was forgotten: see --keep of the gateway`,
  );
}

/** Made once: a new one for each wait would take as long as reading a row. */
const TIME_IS_UP = new Error("Nobody waits any more");

/**
 * The row as soon as it is as wanted, or as it is when the time is up or the signal is aborted; undefined for
 * a task that the view has not met by then. Begin before the event that is awaited.
 */
export async function waitFor(
  view: View,
  id: string,
  isWanted: (row: TaskRow) => boolean,
  seconds: number,
  signal: AbortSignal,
): Promise<TaskRow | undefined> {
  const ending = new AbortController();
  const end = () => ending.abort(TIME_IS_UP);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const timer = setTimeout(end, seconds * 1000);
  try {
    for (;;) {
      // Asked for before the row is read: a change in between is not missed.
      const change = view.changed(id, ending.signal).then(
        () => true,
        () => false,
      );
      const row = findTask(view.database, id);
      if (row !== undefined && isWanted(row)) return row;
      if (!(await change)) return row;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    end(); // Nobody waits for the next change.
  }
}
