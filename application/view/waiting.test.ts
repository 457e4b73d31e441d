import { expect, test } from "vitest";
import { EndsAsker } from "./ends_asker.ts";
import type { ReadTopic } from "./types.ts";
import { Waiting } from "./waiting.ts";

/** Whether the promise has settled, and how. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  const later = new Promise((resolve) => setImmediate(resolve, "waits"));
  return Promise.race([
    promise.then(
      () => "done",
      (reason) => reason,
    ),
    later,
  ]);
}

function newWaiting() {
  let count = 0;
  const waiting = new Waiting((change) => {
    count += change;
  });
  return { waiting, count: () => count };
}

test("offsets are reached when all of them are, at once if they are already", async () => {
  const { waiting, count } = newWaiting();
  const both = waiting.reached({ tasks: { 0: 5, 1: 2 }, results: { 0: 1 } });
  waiting.committed({ tasks: { 0: 5 } }, []);
  waiting.committed({ results: { 0: 1 } }, []);
  expect([await stateOf(both), count()]).toEqual(["waits", 1]);
  expect(waiting.missing({ tasks: { 0: 7, 1: 2 } })).toBe(4);
  waiting.committed({ tasks: { 1: 3 } }, []);
  expect([await stateOf(both), count()]).toEqual(["done", 0]);
  expect(await stateOf(waiting.reached({ tasks: { 0: 4 } }))).toBe("done");
  expect(await stateOf(waiting.reached({}))).toBe("done");
  waiting.emptied();
  expect(await stateOf(waiting.reached({ tasks: { 0: 4 } }))).toBe("waits");
});

test("everybody who waits for a task is told of its next change, and of no other", async () => {
  const { waiting, count } = newWaiting();
  const { signal } = new AbortController();
  const [one, two, other] = ["a", "a", "b"].map((id) => waiting.changed(id, signal));
  waiting.committed({}, ["c", "a"]);
  expect(
    await Promise.all([one, two, other].map((promise) => stateOf(promise ?? Promise.resolve()))),
  ).toEqual(["done", "done", "waits"]);
  expect(count()).toBe(1);
  expect(await stateOf(waiting.changed("a", signal))).toBe("waits");
});

test("who gives up is not counted any more, and takes nobody along", async () => {
  const { waiting, count } = newWaiting();
  const controller = new AbortController();
  const given = [
    waiting.changed("a", controller.signal),
    waiting.reached({ tasks: { 0: 1 } }, controller.signal),
  ];
  const patient = waiting.changed("a", new AbortController().signal);
  controller.abort("no time");
  expect(await Promise.all(given.map(stateOf))).toEqual(["no time", "no time"]);
  expect([await stateOf(patient), count()]).toEqual(["waits", 1]);
  expect(await stateOf(waiting.changed("a", AbortSignal.abort("late")))).toBe("late");
  expect(count()).toBe(1);
});

test("when the view fails, all who wait and who come are told why", async () => {
  const { waiting, count } = newWaiting();
  const { signal } = new AbortController();
  const promises = [waiting.changed("a", signal), waiting.reached({ tasks: { 0: 1 } })];
  waiting.fail("the disk is full");
  promises.push(waiting.changed("b", signal), waiting.reached({ keys: { 0: 1 } }));
  expect(await Promise.all(promises.map(stateOf))).toEqual(new Array(4).fill("the disk is full"));
  expect(count()).toBe(0);
});

test("questions at the same time share one, and nobody gets an answer from before they asked", async () => {
  const sent: [number, readonly ReadTopic[]][] = [];
  const asker = new EndsAsker((id, topics) => sent.push([id, topics]));
  const first = asker.ask(["tasks"]);
  const second = asker.ask(["results"]);
  const third = asker.ask(["tasks", "keys"]);
  expect(sent).toEqual([[1, ["tasks"]]]);
  asker.answer(1, { tasks: { 0: 1 } });
  expect([await first, await stateOf(second)]).toEqual([{ tasks: { 0: 1 } }, "waits"]);
  expect(sent.slice(1)).toEqual([[2, ["results", "tasks", "keys"]]]);
  asker.answer(2, { tasks: { 0: 2 } });
  expect([await second, await third]).toEqual([{ tasks: { 0: 2 } }, { tasks: { 0: 2 } }]);

  const refused = asker.ask(["tasks"]);
  asker.refuse(3, "Kafka is away");
  expect(await stateOf(refused)).toBe("Kafka is away");
  const open = asker.ask(["tasks"]);
  asker.fail("closed");
  expect([await stateOf(open), await stateOf(asker.ask(["keys"]))]).toEqual(["closed", "closed"]);
});
