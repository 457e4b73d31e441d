/** Logs for tests of the view's rules: laid out as Kafka would, read without it. */

import { prepareRules, type Rules } from "../../application/view/apply.ts";
import { TABLES } from "../../application/view/schema.ts";
import type { ReadTopic } from "../../application/view/types.ts";
import type { Message } from "../../common/kafka/consume_plan.ts";
import { type Database, inTransaction, openDatabase } from "../../common/sqlite.ts";

export const TOPICS = {
  tasks: "tasks",
  results: "results",
  deadLetters: "tasks-dlt",
  events: "task-events",
  keys: "idempotency-keys",
};
/** Of a versicolor. */
export const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

export interface Sent {
  topic: ReadTopic;
  partition?: number;
  value: unknown;
  headers?: Record<string, string>;
  at?: number;
  key?: string;
}
export type Lane = Message[];

/** Lays messages into their partitions, in this order. */
export function layOut(sent: Sent[]): Map<string, Lane> {
  const lanes = new Map<string, Lane>();
  for (const { topic, partition = 0, value, headers = {}, at = 1000, key } of sent) {
    const lane = lanes.get(`${topic} ${partition}`) ?? [];
    lanes.set(`${topic} ${partition}`, lane);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    lane.push({
      partition,
      offset: String(lane.length),
      timestamp: String(at),
      key: key === undefined ? null : Buffer.from(key),
      value: Buffer.from(text),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)]),
      ),
    });
  }
  return lanes;
}

export function newView(keepMs?: number): { database: Database; rules: Rules } {
  const database = openDatabase(":memory:");
  database.exec(TABLES);
  return { database, rules: prepareRules(database, TOPICS, keepMs) };
}

/** Reads all lanes; `choices` says which one has its turn. */
export function read(
  lanes: Map<string, Lane>,
  choices: Iterator<number> = [][Symbol.iterator](),
  keepMs?: number,
) {
  const { database, rules } = newView(keepMs);
  const left = [...lanes].map(([name, lane]) => ({
    topic: name.split(" ")[0] as ReadTopic,
    lane: [...lane],
  }));
  while (left.length > 0) {
    const index = (choices.next().value ?? 0) % left.length;
    const { topic, lane } = left[index] as (typeof left)[number];
    inTransaction(database, () => {
      const message = lane.shift();
      if (message !== undefined) rules.apply[topic](message);
      rules.figures.write();
    });
    if (lane.length === 0) left.splice(index, 1);
  }
  return { database, rules };
}

/** All that a view says, but for the order in which it met the tasks. */
export function dump(database: Database) {
  const all = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  return {
    tasks: all("SELECT * FROM task ORDER BY id").map(({ seq, ...row }) => row),
    events: all('SELECT * FROM task_event ORDER BY "offset"'),
    late: all('SELECT * FROM late_result ORDER BY "offset"'),
    letters: all('SELECT * FROM dead_letter ORDER BY partition, "offset"'),
    keys: all("SELECT * FROM idempotency_key ORDER BY key"),
    // A count that was taken back may leave a bucket without any.
    figures: all("SELECT * FROM figure ORDER BY bucket").filter(
      ({ accepted, answered, failed, cancelled, dead }) =>
        [accepted, answered, failed, cancelled, dead].some((count) => count !== 0),
    ),
    totals: all("SELECT name, value FROM total ORDER BY name"),
  };
}
