/** What happened to a task, in the order in which it happened. */
import { expect, test } from "vitest";
import { layOut, read, type Sent, X } from "../../tests/support/view_log.ts";
import { taskHistory } from "./queries.ts";

const kindsOf = (sent: Sent[]) => taskHistory(read(layOut(sent)).database, "a").map(({ kind }) => kind);
const task: Sent = { topic: "tasks", value: { task_id: "a", X } };
const started = (at: number, worker = "worker-1"): Sent => ({
  topic: "events",
  value: { event: "STARTED", task_id: "a", worker, partition: 0, offset: "0", at },
  at,
});
const requested: Sent = { topic: "events", value: { event: "CANCEL_REQUESTED", task_id: "a", at: 1000 } };
const cancelled: Sent = {
  topic: "results",
  value: { task_id: "a", error: { code: "CANCELLED", message: "cancelled" } },
};
const answered: Sent = { topic: "results", value: { task_id: "a", X, y: { iris_type: 1 } } };

test("what happened in one millisecond is told in the order in which it can have happened", () => {
  expect(kindsOf([requested, started(1000), cancelled, answered, task])).toEqual([
    ...["PENDING", "STARTED", "CANCEL_REQUESTED", "CANCELLED", "LATE"],
  ]);
});

test("otherwise time decides: a task that was begun, wanted cancelled, and begun again", () => {
  expect(kindsOf([task, started(1000), requested, started(7000, "worker-2")])).toEqual([
    ...["PENDING", "STARTED", "CANCEL_REQUESTED", "STARTED"],
  ]);
});
