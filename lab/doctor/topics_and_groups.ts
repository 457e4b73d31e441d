/** Topics, groups, what waits and what nobody could read. */
import type { Admin } from "kafkajs";
import { TOPICS, WORKER_GROUP } from "../../common/kafka/client.ts";
import { type Books, type Queue, readBooks } from "../../common/kafka/consumer_lag.ts";
import { PERSISTER_GROUP } from "../../common/persist_results.ts";
import { type Finding, within } from "./check.ts";

const LIMIT_MS = 4000;
const SETUP = "npx tsx 5_task_queue/kafka_setup.ts";
const WORKER = "npx tsx 5_task_queue/worker.ts";
const PERSISTER = "npx tsx 5_task_queue/persister.ts";

/** What there is to say when Kafka answers; a single cross if it answers no more. */
export async function examineQueues(admin: Admin): Promise<Finding[]> {
  const wanted = [
    [TOPICS.tasks, WORKER_GROUP],
    [TOPICS.results, PERSISTER_GROUP],
  ] as const;
  let failure = `it did not answer within ${LIMIT_MS / 1000} s`;
  const books = await within(
    LIMIT_MS,
    readBooks(admin, wanted, TOPICS.deadLetters).catch((error: Error) => {
      if (!error.name.startsWith("KafkaJS")) throw error;
      failure = error.message;
    }),
  );
  const [tasks, results] = books?.queues ?? [];
  if (!books || tasks === undefined || results === undefined) {
    const detail = `Kafka answered at first, but not about its topics and groups: ${failure}`;
    const blocks = { stages: [4, 5], because: "Kafka does not tell of its topics and groups" };
    return [{ name: "topics", ok: false, detail, mend: "npm run doctor", blocks }];
  }
  return [
    describeTopics(books, tasks),
    describeMembers("workers", tasks, WORKER),
    describeMembers("persister", results, PERSISTER),
    describeLag("tasks waiting", tasks, "no worker runs: their answers will not come", WORKER),
    describeLag("results waiting", results, "no persister runs: they are not stored", PERSISTER),
    describeDeadLetters(books.count),
  ];
}

function describeTopics({ topics }: Books, tasks: Queue): Finding {
  const name = "topics";
  const missing = Object.values(TOPICS).filter((topic) => !topics.has(topic));
  const list = Object.values(TOPICS)
    .filter((topic) => topics.has(topic))
    .map((topic) => `${topic} ${plural(topics.get(topic) ?? 0, "partition")}`);
  if (missing.length > 0) {
    list.push(`${missing.join(", ")} not yet made, as every program here does when it starts`);
    return { name, ok: true, detail: list.join(", "), mend: SETUP };
  }
  if (tasks.partitions > 1) return { name, ok: true, detail: list.join(", ") };
  list.push("so one worker at a time, as in stage 4; stage 5 shares more");
  return { name, ok: true, detail: list.join(", "), mend: SETUP };
}

function describeMembers(name: string, { groupId, members }: Queue, command: string): Finding {
  // No fault: a queue keeps what is sent meanwhile.
  if (members.length === 0) return { name, ok: true, detail: `none in ${groupId}`, mend: command };
  const owned = members.map(({ name, partitions }) =>
    partitions.length === 0
      ? `${name} (no partition)`
      : `${name} (${partitions.length === 1 ? "partition" : "partitions"} ${partitions.join(", ")})`,
  );
  return { name, ok: true, detail: `${members.length} in ${groupId}: ${owned.join(", ")}` };
}

function describeLag(name: string, { members, lag }: Queue, trouble: string, command: string): Finding {
  if (lag.length === 0) return { name, ok: true, detail: "none" };
  const total = lag.reduce((sum, { waiting }) => sum + waiting, 0);
  const places = lag.map(({ partition, waiting }) => `${waiting} in partition ${partition}`).join(", ");
  if (members.length > 0) return { name, ok: true, detail: `${total}: ${places}` };
  return { name, ok: false, detail: `${total}, and ${trouble} (${places})`, mend: command };
}

function describeDeadLetters(count: number): Finding {
  const name = "dead letters";
  if (count === 0) return { name, ok: true, detail: "none" };
  return {
    name,
    ok: false,
    detail: `${count} in ${TOPICS.deadLetters}, which no worker could read: each names its reason in its headers`,
    mend: `${SETUP} --reset # asks first, for it deletes all tasks and results too`,
  };
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
