/** What can become of tasks, as the messages that tell of it. */
import fc from "fast-check";
import { type Lane, layOut, type Sent, TOPICS, X } from "./view_log.ts";

/** Of `tasks`. */
export const PARTITIONS = 3;

export const FATES = [
  ...["waiting", "answered", "answered by another program", "failed", "cancelled", "cancelled while running"],
  ...["started", "started twice", "answered twice", "sent twice", "without id", "without id, waiting"],
  ...["rubbish", "rubbish with id", "rubbish, never set aside", "known by its result", "event only"],
  ...["nameless answer", "replay"],
] as const;
export type Fate = (typeof FATES)[number];

/** Times are milliseconds since 1970, or of waiting and working. */
export interface Plan {
  fate: Fate;
  partition: number;
  at: number;
  wait: number;
  took: number;
}

/** The messages of one task, in the order in which they are sent. */
function messagesOf({ fate, partition, at, wait, took }: Plan, index: number, offset: number): Sent[] {
  const task_id = `task-${index}`;
  const started_at = at + wait;
  const end = started_at + took;
  const worker = `worker-${partition}`;
  const place = { partition, offset: String(offset) };
  const told = { worker, ...place, started_at, duration_ms: took };
  const y = { iris_type: index % 3 };
  const task: Sent = { topic: "tasks", partition, value: { task_id, X }, at };
  const result = (value: object): Sent => ({ topic: "results", value, at: end });
  const failure = (code: string) => result({ task_id, error: { code, message: "no" }, ...place });
  const event = (value: object): Sent => ({ topic: "events", value, at: started_at });
  const started = (by: string) => event({ event: "STARTED", task_id, worker: by, ...place, at: started_at });
  const requested = event({ event: "CANCEL_REQUESTED", task_id, at: started_at });
  const letter: Sent = {
    topic: "deadLetters",
    value: "?",
    at: end,
    headers: {
      "original-topic": TOPICS.tasks,
      "original-partition": String(partition),
      "original-offset": String(offset),
      reason: "no JSON",
    },
  };
  const rubbish: Sent = { ...task, value: "?" };
  const badWithId: Sent = { ...task, value: { task_id, X: {} } };
  const messages: Record<Fate, Sent[]> = {
    waiting: [task],
    answered: [task, result({ task_id, X, y, ...told })],
    "answered by another program": [task, result({ task_id, X, y })],
    failed: [task, failure("invalid_input")],
    cancelled: [task, requested, failure("CANCELLED")],
    "cancelled while running": [task, started(worker), requested, failure("CANCELLED")],
    started: [task, started(worker)],
    "started twice": [task, started("worker-a"), started("worker-b"), result({ task_id, X, y, ...told })],
    "answered twice": [task, started("a"), result({ task_id, X, y }), started("b"), failure("CANCELLED")],
    "sent twice": [task, { ...task, partition: (partition + 1) % PARTITIONS, at: at - (took % 3) }],
    "without id": [{ ...task, value: X }, result({ X, y, ...told })],
    "without id, waiting": [{ ...task, value: X }],
    rubbish: [rubbish, letter, letter],
    "rubbish with id": [badWithId, letter, failure("invalid_input")],
    "rubbish, never set aside": [rubbish],
    "known by its result": [started(worker), result({ task_id, X, y })],
    "event only": [started(worker), requested],
    "nameless answer": [result({ X, y })],
    replay: [{ ...task, headers: { "replay-of": "0/0" } }],
  };
  return messages[fate];
}

export const plans = fc.array(
  fc.record({
    fate: fc.constantFrom(...FATES),
    partition: fc.nat(PARTITIONS - 1),
    at: fc.integer({ min: 1_000_000, max: 1_020_000 }),
    wait: fc.integer({ min: -5, max: 20_000 }),
    took: fc.nat(3000),
  }),
  { maxLength: 12 },
);

/** All messages; those of a task keep their order among themselves, those of several mix. */
export function send(planned: Plan[], order: Iterator<number>): Map<string, Lane> {
  const ends = new Map<number, number>();
  const waiting = planned.map((plan, index) => {
    const offset = ends.get(plan.partition) ?? 0;
    const sent = messagesOf(plan, index, offset);
    // As many as the task takes of its own partition; a second message goes to another one.
    const taken = sent.filter(({ topic, partition }) => topic === "tasks" && partition === plan.partition);
    ends.set(plan.partition, offset + taken.length);
    return { sent, first: sent.filter(({ topic }) => topic === "tasks").slice(0, 1) };
  });
  // The tasks themselves stand in the order in which their offsets were given.
  const tasks = waiting.flatMap(({ first }) => first);
  const rest = waiting.map(({ sent, first }) => sent.slice(first.length)).filter(({ length }) => length > 0);
  const mixed: Sent[] = [];
  while (rest.length > 0) {
    const index = (order.next().value ?? 0) % rest.length;
    const next = rest[index]?.shift();
    if (next !== undefined) mixed.push(next);
    if (rest[index]?.length === 0) rest.splice(index, 1);
  }
  return layOut([...tasks, ...mixed]);
}
