/**
 * What streams are told, for histories made at random: the view reads the topics in any order, streams look
 * at any moment, and clients resume from anywhere. Each of them is told each task once, and in its order.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../../common/kafka/consume_plan.ts";
import { openDatabase } from "../../../common/sqlite.ts";
import { prepareRules } from "../../view/apply.ts";
import { TABLES } from "../../view/schema.ts";
import { readChanges } from "./changes.ts";
import type { Vector } from "./vector.ts";
import type { Change } from "./wire.ts";

const TOPICS = {
  tasks: "tasks",
  results: "results",
  deadLetters: "tasks-dlt",
  events: "events",
  keys: "keys",
};
const PARTITIONS = 2;
const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

/** What becomes of a task: its messages beside the one in `tasks`. */
const FATES = [
  "open",
  "running",
  "answered",
  "started",
  "begun twice",
  "cancelled",
  "rubbish",
  "bad with id",
] as const;
type Fate = (typeof FATES)[number];
type Kind = "tasks" | "results" | "deadLetters" | "events";
type Log = { kind: Kind; partition: number; value: unknown; headers?: Record<string, string> }[];

/** The messages of one task, in the order in which they are sent. */
function messagesOf(fate: Fate, index: number, partition: number, offset: number): Log {
  const task_id = `task-${index}`;
  const place = { partition, offset: String(offset) };
  const start = { event: "STARTED", task_id, worker: "w", ...place, at: 10 };
  const result = { task_id, X, y: { iris_type: 1 }, worker: "w", ...place, started_at: 10, duration_ms: 1 };
  const letter = {
    "original-topic": "tasks",
    "original-partition": `${partition}`,
    "original-offset": `${offset}`,
  };
  const failure = (code: string) => ({ task_id, error: { code, message: "no" } });
  const toEvents = (value: unknown): Log => [{ kind: "events", partition: 0, value }];
  const toResults = (value: unknown): Log => [{ kind: "results", partition: 0, value }];
  const toLetters: Log = [
    { kind: "deadLetters", partition: 0, value: "?", headers: { ...letter, reason: "bad" } },
  ];
  const rest: Record<Fate, Log> = {
    open: [],
    running: toEvents(start),
    answered: [...toResults(result), ...toResults(result)],
    started: [...toEvents(start), ...toResults(result)],
    "begun twice": [...toEvents(start), ...toEvents(start), ...toResults(result)],
    cancelled: [
      ...toEvents({ event: "CANCEL_REQUESTED", task_id, at: 9 }),
      ...toResults(failure("CANCELLED")),
      ...toResults(result),
    ],
    rubbish: toLetters,
    "bad with id": [...toLetters, ...toResults(failure("invalid_input"))],
  };
  const value = fate === "rubbish" ? "?" : { task_id, X: fate === "bad with id" ? {} : X };
  return [{ kind: "tasks", partition, value }, ...rest[fate]];
}

const history = fc.record({
  fates: fc.array(fc.record({ fate: fc.constantFrom(...FATES), partition: fc.nat(PARTITIONS - 1) }), {
    maxLength: 8,
  }),
  /** Which messages are sent first: those of a task keep their order. */
  sent: fc.infiniteStream(fc.nat()),
  /** Which partition is read next, how far, and whether a stream looks then. */
  reads: fc.infiniteStream(
    fc.record({ lane: fc.nat(), count: fc.integer({ min: 1, max: 3 }), looks: fc.boolean() }),
  ),
});

test("each client is told each task once and in its order, wherever it resumes", () => {
  fc.assert(
    fc.property(history, ({ fates, sent, reads }) => {
      const logs = send(fates, sent);
      const database = openDatabase(":memory:");
      database.exec(TABLES);
      const { apply, figures } = prepareRules(database, TOPICS);
      const next: Record<string, number> = Object.fromEntries([...logs.keys()].map((lane) => [lane, 0]));
      const now = (): Vector => ({
        tasks: Array.from({ length: PARTITIONS }, (_, partition) => next[`tasks ${partition}`] ?? 0),
        results: [next["results 0"] ?? 0],
        deadLetters: [next["deadLetters 0"] ?? 0],
        events: [next["events 0"] ?? 0],
      });
      const looks: { vector: Vector; told: Change[] }[] = [{ vector: now(), told: [] }];
      const look = () => {
        const vector = now();
        const { vector: before, told } = looks.at(-1) ?? { vector, told: [] };
        looks.push({ vector, told: [...told, ...readChanges(database, before, vector)] });
      };
      const lanes = [...logs.keys()];
      while (lanes.some((lane) => (next[lane] ?? 0) < (logs.get(lane)?.length ?? 0))) {
        const { lane: choice, count, looks: isLook } = reads.next().value;
        const lane = lanes[choice % lanes.length] ?? "";
        for (const message of logs.get(lane)?.slice(next[lane], (next[lane] ?? 0) + count) ?? []) {
          apply[lane.split(" ")[0] as Kind](message);
          next[lane] = (next[lane] ?? 0) + 1;
        }
        figures.write();
        if (isLook) look();
      }
      look();
      const end = now();
      for (const { vector, told } of looks) {
        expectOnceAndInOrder([...told, ...readChanges(database, vector, end)], fates);
      }
      database.close();
    }),
    { numRuns: 500 },
  );
});

/** Each partition's messages, by "<topic> <partition>". */
function send(fates: { fate: Fate; partition: number }[], order: Iterator<number>): Map<string, Message[]> {
  const offsets = new Map<number, number>();
  const waiting = fates.map(({ fate, partition }, index) => {
    const offset = offsets.get(partition) ?? 0;
    offsets.set(partition, offset + 1);
    return messagesOf(fate, index, partition, offset);
  });
  const logs = new Map<string, Message[]>();
  const write = ({ kind, partition, value, headers = {} }: Log[number]) => {
    const lane = `${kind} ${partition}`;
    const log = logs.get(lane) ?? [];
    const text = typeof value === "string" ? value : JSON.stringify(value);
    log.push({
      partition,
      offset: String(log.length),
      timestamp: "1000",
      key: null,
      value: Buffer.from(text),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)]),
      ),
    });
    logs.set(lane, log);
  };
  // Those of `tasks` were numbered in their order above.
  for (const log of waiting) for (const message of log.splice(0, 1)) write(message);
  for (let left = waiting.filter(({ length }) => length > 0); left.length > 0; ) {
    for (const message of left[order.next().value % left.length]?.splice(0, 1) ?? []) write(message);
    left = left.filter(({ length }) => length > 0);
  }
  return logs;
}

function expectOnceAndInOrder(told: Change[], fates: { fate: Fate; partition: number }[]): void {
  const offsets = new Map<number, number>();
  const wanted = fates.map(({ fate, partition }, index) => {
    const offset = offsets.get(partition) ?? 0;
    offsets.set(partition, offset + 1);
    return { id: fate === "rubbish" ? `${partition}@${offset}` : `task-${index}`, fate };
  });
  for (const { id, fate } of wanted) {
    const kinds = told.flatMap((change) => ("id" in change && change.id === id ? change.kind : []));
    const events = kinds.filter((kind) => kind === "started" || kind === "cancel_requested").length;
    const known = { running: 1, started: 1, "begun twice": 2, cancelled: 1 }[fate as string] ?? 0;
    expect(events).toBeLessThanOrEqual(known);
    if (fate === "running") expect(events).toBe(1);
    const ends = fate === "open" || fate === "running" ? [] : ["ended"];
    // A start may be told too late to be told at all; what is told comes in its order.
    expect(kinds).toEqual(["accepted", ...kinds.slice(1, 1 + events), ...ends]);
  }
  const letters = fates.filter(({ fate }) => fate === "rubbish" || fate === "bad with id").length;
  expect(told.filter(({ kind }) => kind === "dead")).toHaveLength(letters);
}
