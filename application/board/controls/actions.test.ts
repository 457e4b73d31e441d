/** What the controls say of what was seen. */
import { expect, test } from "vitest";
import type { Change, QueueState } from "../../gateway/live/wire.ts";
import { actionInWords } from "./action_words.js";
import { type Action, begin, learnLetters, learnTask, name, observe, openParts } from "./actions.js";

const AT = 1_000_000;
const queue = (more: Partial<QueueState> = {}) =>
  ({ rebalances: [], workers: [], ...more }) as unknown as QueueState;
const started = (id: string): Change => ({
  kind: "started",
  id,
  partition: 0,
  offset: 0,
  worker: "w",
  at: AT,
});
const ended = (id: string, outcome: "setosa" | "FAILED" = "setosa"): Change => ({
  kind: "ended",
  id,
  outcome,
  at: AT,
  ended_at: AT,
});
const say = (action: Action, after: number) => actionInWords(action, AT + after);

test("flowers: each is answered, none twice; answers that come before the gateway's own count too", () => {
  let action = begin({ kind: "send", count: 2 }, AT);
  expect(say(action, 10)).toBe("Sending 2 random flowers.");
  action = observe(action, [started("a"), ended("a"), ended("somebody else's")], queue(), AT + 500);
  action = name(action, { ids: new Set(["a", "b"]) });
  expect([...action.fates.keys()]).toEqual(["a"]);
  expect(say(action, 1000)).toBe("1 of 2 answered, none twice, 1.0 s");
  action = observe(action, [ended("b")], queue(), AT + 1100);
  expect(say(action, 9000)).toBe("2 of 2 answered, none twice, in 1.1 s");
  expect(observe(action, [ended("b")], queue(), AT + 5000)).toBe(action);
});

test("flowers while a worker is killed", () => {
  const rebalance = { at: AT + 1000, ended_at: AT + 7100, cause: "worker-2 is gone", partitions: [1] };
  const earlier = { at: AT - 90_000, ended_at: AT - 60_000, cause: "worker-1 has come", partitions: [1] };
  let action: Action = { ...begin({ kind: "send", count: 3 }, AT), ids: new Set(["a", "b", "c"]) };
  action = observe(
    action,
    [started("a"), started("a")],
    queue({ rebalances: [earlier, rebalance] }),
    AT + 7200,
  );
  action = observe(action, [ended("a"), ended("a"), ended("b"), ended("c", "FAILED")], queue(), AT + 8000);
  expect(say(action, 8000)).toBe(
    "2 of 3 answered, 1 failed or cancelled, 1 twice, 1 begun again, 6.1 s without an owner, in 8.0 s",
  );
});

test("flowers whose ends were not told: what the gateway answers counts, and no end counts twice", () => {
  let action = name(begin({ kind: "send", count: 3 }, AT), { ids: new Set(["a", "b", "c"]) });
  action = observe(action, [started("a"), ended("a"), ended("somebody else's")], queue(), AT + 10);
  expect([...action.fates.keys()]).toEqual(["a"]);
  expect(openParts(action).tasks).toEqual(["b", "c"]);
  action = learnTask(action, { task_id: "b", status: "SUCCESS", attempts: 1, species: "setosa" });
  action = learnTask(action, { task_id: "c", status: "STARTED", attempts: 2 });
  // These were on their way when the gateway answered.
  action = observe(action, [ended("b"), started("c")], queue(), AT + 20);
  expect(say(action, 1000)).toBe("2 of 3 answered, none twice, 1 begun again, 1.0 s");
  action = learnTask(action, { task_id: "c", status: "CANCELLED", attempts: 2 });
  action = observe(action, [], queue(), AT + 2000);
  expect(say(action, 9000)).toBe(
    "2 of 3 answered, 1 failed or cancelled, none twice, 1 begun again, in 2.0 s",
  );
});

test("rubbish becomes a dead letter: the one of its place, also if that came first or was not told", () => {
  const dead = (original_partition: number, original_offset: number): Change => ({
    kind: "dead",
    partition: 0,
    offset: 3,
    reason: "Expected JSON",
    original_partition,
    original_offset,
    at: AT,
  });
  const place = { partition: 8, offset: 5 };
  const asked = begin({ kind: "rubbish" }, AT);
  const sent = observe(name(asked, { place }), [dead(2, 5), dead(8, 4)], queue(), AT + 10);
  expect(say(sent, 10)).toBe("Rubbish in partition 8, offset 5: no worker has met it yet.");
  const become = "Rubbish in partition 8, offset 5 was set aside as dead letter 0/3: Expected JSON";
  expect(say(observe(sent, [dead(8, 5)], queue(), AT + 20), 20)).toBe(become);

  const early = observe(asked, [dead(8, 4), dead(8, 5)], queue(), AT + 5);
  expect(say(early, 5)).toBe("Sending rubbish.");
  expect(say(name(early, { place }), 10)).toBe(become);

  expect(openParts(sent).isLetterOpen).toBe(true);
  const letter = { partition: 0, offset: 3, reason: "Expected JSON", original: place };
  expect(say(learnLetters(sent, [{ ...letter, original: { partition: 8, offset: 4 } }, letter]), 20)).toBe(
    become,
  );
});

test("a worker that is killed: how long its partitions waited", () => {
  let action: Action = begin({ kind: "kill", worker: "worker-1", pid: 4711 }, AT);
  const other = { at: AT + 5, cause: "worker-12 is gone", partitions: [3] };
  action = observe(action, [], queue({ rebalances: [other] }), AT + 100);
  expect(say(action, 100)).toBe("worker-1 (pid 4711) was killed: Kafka waits for it, 0.1 s");
  const open = { at: AT + 10, cause: "worker-1 is gone", partitions: [1, 4] };
  action = observe(action, [], queue({ rebalances: [open] }), AT + 1010);
  expect(say(action, 1010)).toBe("worker-1 was killed: partitions 1, 4 wait 1.0 s");
  const over = { ...open, ended_at: AT + 6110 };
  action = observe(action, [], queue({ rebalances: [over] }), AT + 6200);
  expect([say(action, 60_000), action.endedAt]).toEqual([
    "worker-1 was killed: partitions 1, 4 waited 6.1 s",
    AT + 6200,
  ]);
});

test("a worker that is asked to stop has left", () => {
  const over = { at: AT + 10, ended_at: AT + 510, cause: "worker-1 is gone", partitions: [1] };
  const action = begin({ kind: "stop", worker: "worker-1" }, AT);
  const left = observe(action, [], queue({ rebalances: [over] }), AT + 600);
  expect(say(left, 600)).toBe("worker-1 has left: partition 1 waited 0.5 s");
});

test("a worker more, and a refusal", () => {
  let action: Action = begin({ kind: "add", worker: "worker-4" }, AT);
  expect(say(action, 300)).toBe("worker-4 starts, 0.3 s");
  const worker = { name: "worker-4", state: "idle", partitions: [3, 7], done: 0, per_second: 0 } as const;
  action = observe(action, [], queue({ workers: [{ ...worker, partitions: [3, 7] }] }), AT + 3100);
  expect(say(action, 9000)).toBe("worker-4 has partitions 3, 7 after 3.1 s");
  expect(say({ ...begin({ kind: "add" }, AT), error: "There are 12 workers." }, 1)).toBe(
    "There are 12 workers.",
  );
});
