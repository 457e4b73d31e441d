import { expect, test } from "vitest";
import { layOut, read, type Sent, X } from "../../tests/support/view_log.ts";
import { Owners } from "./owners.ts";
import { findTask } from "./queries.ts";
import { STATUSES } from "./schema.ts";

const started = (task_id: string, partition: number, worker: string): Sent[] => [
  { topic: "tasks", partition, value: { task_id, X } },
  { topic: "events", value: { event: "STARTED", task_id, partition, offset: "0", worker, at: 1000 } },
];

test("a task is PENDING again when two looks say that its partition belongs to another worker", () => {
  const { database } = read(layOut([...started("a", 0, "one"), ...started("b", 1, "two")]));
  const owners = new Owners(database);
  const look = (...names: (string | undefined)[]) => owners.set(new Map(names.entries()));
  const statusOf = (id: string) => STATUSES[findTask(database, id)?.status ?? 99];

  expect(look("one", "two")).toEqual([]);
  // Nobody owns anything while the group deals out the partitions.
  expect([look(undefined, undefined), look(undefined, undefined)]).toEqual([[], []]);
  // One look may be older than the STARTED of a new owner.
  expect([look("two", "two"), look("one", "two"), look("two", "two")]).toEqual([[], [], []]);
  expect(statusOf("a")).toBe("STARTED");
  expect(look("two", "two")).toEqual(["a"]);
  expect([statusOf("a"), statusOf("b")]).toEqual(["PENDING", "STARTED"]);
  expect(findTask(database, "a")?.starts).toBe(1);
  expect([look("two", "two"), look("two", "two")]).toEqual([[], []]);
});
