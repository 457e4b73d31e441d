import { expect, test } from "vitest";
import type { QueueState, WorkerState } from "../../gateway/live/wire.ts";
import { EMPTY } from "../live/store.js";
import { hintOf } from "./hints.js";

const NOW = new Date(2026, 2, 1, 12, 0, 0).getTime();
const lane = (partition: number, owner?: string) => ({
  partition,
  committed: 0,
  end: 0,
  waiting: 0,
  next: [],
  ...(owner !== undefined && { owner }),
});
const worker = (name: string, partitions: number[], more: Partial<WorkerState> = {}): WorkerState => ({
  name,
  state: "idle",
  partitions,
  done: 0,
  per_second: 0,
  ...more,
});
const TOTALS = {
  waiting: 3,
  in_progress: 1,
  accepted: 0,
  answered: 0,
  failed: 0,
  cancelled: 0,
  dead_letters: 0,
  per_second: 0,
};

function say(queue: Partial<QueueState>, link: "live" | "lost" = "live", host = "localhost:8080"): string {
  const whole: QueueState = {
    as_of: NOW,
    kafka: "up",
    brokers: "localhost:9092",
    behind: 0,
    session_seconds: 6,
    lanes: [lane(0, "a"), lane(1, "b")],
    workers: [worker("a", [0]), worker("b", [1])],
    totals: TOTALS,
    rebalances: [],
    persisters: { members: 1, waiting: 0 },
    ...queue,
  };
  const hint = hintOf({ ...EMPTY, link, linkSince: NOW, queue: whole }, NOW, host);
  return hint === undefined ? "" : `${hint.text}${hint.command ? ` [${hint.command}]` : ""}`;
}

test("when all is well there is nothing to say", () => {
  expect(say({})).toBe("");
});

test("each empty state says what it means, and the command that changes it", () => {
  expect(say({}, "lost")).toBe(
    "The gateway at localhost:8080 has not answered since 12:00:00. The page tries again. " +
      "Start it again: npm run app, or npm run gateway",
  );
  expect(say({ kafka: "away", problem: "No answer within 2.5 s" })).toBe(
    "Kafka tells nothing at localhost:9092 (No answer within 2.5 s). This is what was seen at 12:00:00. " +
      "What it holds is not lost. [npm run kafka]",
  );
  expect(say({ lanes: [] })).toBe(
    "There is no topic tasks yet, so nothing can wait. [npx tsx 5_task_queue/kafka_setup.ts]",
  );
  const none = { workers: [], lanes: [lane(0), lane(1)] };
  expect(say(none)).toBe(
    "No worker: 3 tasks wait in Kafka until one comes. [npx tsx 5_task_queue/worker.ts --inference-time 1]",
  );
  expect(say({ ...none, totals: { ...TOTALS, waiting: 0 } })).toMatch(/^No worker: what is sent now waits/);
  expect(say({ lanes: [lane(0, "a")] })).toBe(
    "One partition: one worker has it, every other stands by. [npx tsx 5_task_queue/kafka_setup.ts]",
  );
  const idle = { ...TOTALS, waiting: 0, in_progress: 0 };
  expect(say({ totals: idle })).toBe("Nothing waits. [npx tsx 5_task_queue/client.ts --samples 24]");
  expect(say({ persisters: { members: 0, waiting: 4 } })).toBe(
    "No persister: 4 answers not stored yet. [npx tsx 5_task_queue/persister.ts]",
  );
  const three = [worker("a", [0]), worker("b", [1]), worker("c", [])];
  expect(say({ workers: three })).toBe(
    "More workers than partitions: c can get no task. [npx tsx 5_task_queue/kafka_setup.ts --partitions 4]",
  );
});

test("what is started again is what was there: its port, and no Kafka of this machine for another's", () => {
  expect(say({}, "lost", "localhost:8085")).toMatch(
    /Start it again: npm run app -- --port 8085, or npm run gateway -- --port 8085$/,
  );
  const away = (brokers: string) => say({ kafka: "away", brokers });
  expect(away("localhost:21092")).toMatch(/Start it again where it ran. \[npm run kafka -- --port 21092\]$/);
  expect(away("kafka.example:9092")).toMatch(/Start it again where it ran.$/);
});

test("Kafka refuses, or topics are missing: the reason is said", () => {
  expect(say({ kafka: "away", as_of: 0, problem: "Not authorized to access group" })).toBe(
    "Kafka tells nothing at localhost:9092 (Not authorized to access group). " +
      "What it holds is not lost. [npm run doctor]",
  );
  const missing = "1 topic missing (results): this makes them again: npx tsx 5_task_queue/kafka_setup.ts";
  expect(say({ problem: missing, lanes: [] })).toBe(missing);
});

test("of several workers that are gone the last one is named, before others one that Kafka waits for", () => {
  const gone = (name: string, gone_at: number, session_ends_at: number) =>
    worker(name, [], { state: "gone", gone_at, session_ends_at });
  const lanes = [lane(0, "z"), lane(1)];
  const [first, last] = [gone("a", NOW - 1000, NOW + 5000), gone("b", NOW - 9000, NOW - 3000)];
  expect(say({ workers: [first, last, worker("z", [0])], lanes })).toMatch(
    /^a is gone. Kafka waits 5 s more/,
  );
  const left = gone("c", NOW - 100, NOW - 100);
  expect(say({ workers: [first, left, worker("z", [0])], lanes })).toMatch(
    /^a is gone. Kafka waits 5 s more/,
  );
  const both = [gone("a", NOW - 8000, NOW - 2000), last];
  expect(say({ workers: both, lanes })).toMatch(/^a is gone. Kafka deals them out anew/);
});

test("a worker that is gone: how long Kafka waits for it, and what becomes of its tasks", () => {
  const gone = worker("b", [], { state: "gone", gone_at: NOW, session_ends_at: NOW + 5200 });
  const workers = [worker("a", [0]), gone];
  expect(say({ workers, lanes: [lane(0, "a"), lane(1)] })).toBe(
    "b is gone. Kafka waits 6 s more for it; 1 partition without an owner keeps its tasks.",
  );
  expect(say({ workers, lanes: [lane(0, "a"), lane(1, "a")] })).toBe("");
});
