/** Topics, groups, what waits and what nobody could read. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { type GroupLag, type QueueState, readQueueState } from "../../common/kafka/consumer_lag.ts";
import type { TopicNames } from "../../common/kafka/topics.ts";
import { plural } from "../../common/plural.ts";
import { type Check, within } from "./check.ts";

const LIMIT_MS = 4000;
const SETUP = "npx tsx 5_task_queue/kafka_setup.ts";
const WORKER = "npx tsx 5_task_queue/worker.ts";
const PERSISTER = "npx tsx 5_task_queue/persister.ts";
/** For who asks where one task is. */
const PAGE = "npm run gateway # each task, at http://localhost:8080";

/** What there is to say when Kafka answers; a single cross if it answers no more. */
export async function examineQueues(kafka: KafkaConnection): Promise<Check[]> {
  let failure = `it did not answer within ${LIMIT_MS / 1000} s`;
  const state = await within(
    LIMIT_MS,
    readQueueState(kafka).catch((error: Error) => {
      if (!error.name.startsWith("KafkaJS")) throw error;
      failure = error.message;
    }),
  );
  if (!state) {
    const detail = `Kafka answered at first, but not about its topics and groups: ${failure}`;
    const blocks = { stages: [4, 5], because: "Kafka does not tell of its topics and groups" };
    return [{ name: "topics", ok: false, detail, fix: "npm run doctor", blocks }];
  }
  const { workers, persisters, deadLetters } = state;
  return [
    describeTopics(kafka.topics, state),
    describeMembers("workers", workers, WORKER),
    describeMembers("persister", persisters, PERSISTER),
    {
      ...describeLag("tasks waiting", workers, "no worker runs: their answers will not come", WORKER),
      ...(workers.partitions.some(({ waiting }) => waiting > 0) ? { see: PAGE } : {}),
    },
    describeLag("results waiting", persisters, "no persister runs: they are not stored", PERSISTER),
    describeDeadLetters(kafka.topics, deadLetters),
  ];
}

function describeTopics(names: TopicNames, { topics }: QueueState): Check {
  const name = "topics";
  const missing = Object.values(names).filter((topic) => !topics.has(topic));
  const list = Object.values(names)
    .filter((topic) => topics.has(topic))
    .map((topic) => `${topic} ${plural(topics.get(topic) ?? 0, "partition")}`);
  if (missing.length > 0) {
    list.push(`${missing.join(", ")} not there yet: every program makes them when it starts`);
    return { name, ok: true, detail: list.join(", "), fix: SETUP };
  }
  if ((topics.get(names.tasks) ?? 0) > 1) return { name, ok: true, detail: list.join(", ") };
  list.push("so one worker at a time, as in stage 4; stage 5 shares more");
  return { name, ok: true, detail: list.join(", "), fix: SETUP };
}

function describeMembers(
  name: string,
  { groupId, members, usesNewProtocol }: GroupLag,
  command: string,
): Check {
  if (members.length === 0 && usesNewProtocol) {
    const detail = `some in ${groupId}, not listed: they use the new consumer protocol (KIP-848)`;
    return { name, ok: true, detail };
  }
  // No fault: a queue keeps what is sent meanwhile.
  if (members.length === 0) return { name, ok: true, detail: `none in ${groupId}`, fix: command };
  const owned = members.map(({ name, partitions }) =>
    partitions.length === 0
      ? `${name} (no partition)`
      : `${name} (${partitions.length === 1 ? "partition" : "partitions"} ${partitions.join(", ")})`,
  );
  return { name, ok: true, detail: `${members.length} in ${groupId}: ${owned.join(", ")}` };
}

function describeLag(
  name: string,
  { members, usesNewProtocol, partitions }: GroupLag,
  trouble: string,
  command: string,
): Check {
  const lag = partitions.filter(({ waiting }) => waiting > 0);
  if (lag.length === 0) return { name, ok: true, detail: "none" };
  const total = lag.reduce((sum, { waiting }) => sum + waiting, 0);
  const places = lag.map(({ partition, waiting }) => `${waiting} in partition ${partition}`).join(", ");
  if (members.length > 0 || usesNewProtocol) return { name, ok: true, detail: `${total}: ${places}` };
  return { name, ok: true, warning: true, detail: `${total}, and ${trouble} (${places})`, fix: command };
}

function describeDeadLetters(names: TopicNames, count: number): Check {
  const name = "dead letters";
  if (count === 0) return { name, ok: true, detail: "none" };
  return {
    name,
    ok: true,
    warning: true,
    detail: `${count} in ${names.deadLetters}, which no worker could read: see why, and put them back`,
    fix: "npm run dead-letters",
  };
}
