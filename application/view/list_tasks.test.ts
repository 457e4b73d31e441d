import { expect, test } from "vitest";
import { layOut, read, type Sent, X } from "../../tests/support/view_log.ts";
import { type ListPlace, listTasks, type TaskFilter } from "./list_tasks.ts";

const SPECIES_OF = [0, 1, 2] as const;

/** So many tasks, a second apart; of a hundred one is open, one has failed, one is of a rare worker. */
function manyTasks(count: number): Sent[] {
  return Array.from({ length: count }, (_, index): Sent[] => {
    const task_id = `t${index}`;
    const kind = index % 100;
    const task: Sent = { topic: "tasks", value: { task_id, X }, at: 1000 + index };
    const worker = kind === 3 ? "rare" : "usual";
    const y = { iris_type: SPECIES_OF[index % 2] };
    const error = { code: kind === 2 ? "CANCELLED" : "no", message: "no" };
    const outcome = kind === 1 || kind === 2 ? { error } : { X, y };
    return kind === 0 ? [task] : [task, { topic: "results", value: { task_id, worker, ...outcome } }];
  }).flat();
}

const COUNT = 9000;
const { database } = read(layOut(manyTasks(COUNT)));

async function listAll(filter: TaskFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let before: ListPlace | undefined; ; ) {
    const { tasks, next } = await listTasks(database, filter, limit, before);
    ids.push(...tasks.map(({ id }) => id));
    if (next === undefined) return ids;
    before = next;
  }
}

/** The ids of those whose kind is one of these, newest first. */
const idsOf = (isWanted: (index: number) => boolean) =>
  Array.from({ length: COUNT }, (_, index) => COUNT - 1 - index)
    .filter(isWanted)
    .map((index) => `t${index}`);

test("pages follow each other, newest first, without a gap", async () => {
  expect(await listAll({}, 700)).toEqual(idsOf(() => true));
});

test.each<[TaskFilter, (index: number) => boolean]>([
  [{ status: "PENDING" }, (index) => index % 100 === 0],
  [{ status: "STARTED" }, () => false],
  [{ status: "FAILED" }, (index) => index % 100 === 1],
  [{ status: "CANCELLED" }, (index) => index % 100 === 2],
  [{ status: "SUCCESS" }, (index) => index % 100 > 2],
  [{ worker: "rare" }, (index) => index % 100 === 3],
  [{ species: "virginica" }, () => false],
  [{ species: "setosa", worker: "usual" }, (index) => index % 2 === 0 && index % 100 > 3],
  [{ status: "FAILED", worker: "rare" }, () => false],
])("%j", async (filter, isWanted) => {
  expect(await listAll(filter, 40)).toEqual(idsOf(isWanted));
});

test("many open tasks are listed, too", async () => {
  const open = read(layOut(manyTasks(5000).filter(({ topic }) => topic === "tasks"))).database;
  const { tasks, next } = await listTasks(open, { status: "PENDING" }, 3);
  expect(tasks.map(({ id }) => id)).toEqual(["t4999", "t4998", "t4997"]);
  expect((await listTasks(open, { status: "PENDING" }, 1, next)).tasks[0]?.id).toBe("t4996");
});

test("the list goes on behind a task that was forgotten meanwhile", async () => {
  const few = read(layOut(manyTasks(10))).database;
  const { next } = await listTasks(few, {}, 4);
  few.prepare("DELETE FROM task WHERE id = ?").run(next?.[1] ?? "");
  const { tasks } = await listTasks(few, {}, 4, next);
  expect(tasks.map(({ id }) => id)).toEqual(["t5", "t4", "t3", "t2"]);
  few.exec("DELETE FROM task");
  expect(await listTasks(few, {}, 4, next)).toEqual({ tasks: [] });
});

test("a page of one view goes on with the next one of another, whatever each has read first", async () => {
  const sent = [0, 1].flatMap((partition) =>
    Array.from({ length: 20 }, (_, index): Sent => {
      const task_id = `${partition}-${(index * 7) % 20}`;
      return { topic: "tasks", partition, value: { task_id, X }, at: 1000 + Math.floor(index / 10) };
    }),
  );
  const views = [
    read(layOut(sent)).database,
    read(layOut(sent), [1, 0, 0, 1, 1, 1].values()).database,
    read(layOut(sent.toReversed())).database,
  ];
  const ids: string[] = [];
  let before: ListPlace | undefined;
  for (let page = 0; page === 0 || before !== undefined; page += 1) {
    const { tasks, next } = await listTasks(views[page % views.length] ?? database, {}, 7, before);
    ids.push(...tasks.map(({ id }) => id));
    before = next;
  }
  expect(ids.length).toBe(40);
  expect(new Set(ids).size).toBe(40);
});
