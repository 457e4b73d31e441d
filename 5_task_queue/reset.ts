/** Begins anew: the topics and the groups are deleted, and the caller makes them again. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProgramError } from "../common/errors.ts";
import type { KafkaConnection } from "../common/kafka/client.ts";
import { causesOf } from "../common/kafka/errors.ts";

/** 10 seconds. */
const MOST_LOOKS = 200;

/**
 * Asks first unless `sure`. Nothing is deleted when a group still has members, or when the answer is no: that
 * is then thrown as ProgramError.
 */
export async function resetTopics({ ask, topics, groups }: KafkaConnection, sure: boolean): Promise<void> {
  const ours = [groups.workers, groups.persisters];
  const described = await ask((admin) => admin.describeGroups(ours));
  const listed = (await ask((admin) => admin.listGroups())).groups.map(({ groupId }) => groupId);
  const present = described.groups.filter(({ groupId }) => listed.includes(groupId));
  const busy = present.filter(({ members }) => members.length > 0);
  if (busy.length > 0) {
    throw stillRunning(busy.map(({ groupId, members }) => `${groupId} (${members.length})`).join(", "));
  }
  if (!sure) await confirmReset(Object.values(topics));

  // The groups first. One whose members use the new protocol (KIP-848) looks empty to us; Kafka itself
  // refuses to delete it then, and so nothing has been deleted yet.
  const isOpaque = (id: string) => present.some(({ groupId, state }) => groupId === id && state === "Dead");
  const existingGroups = ours.filter((id) => present.some(({ groupId }) => groupId === id));
  const opaque = existingGroups.filter(isOpaque);
  const others = existingGroups.filter((id) => !isOpaque(id));
  for (const groupId of [...opaque, ...others]) {
    await ask((admin) => admin.deleteGroups([groupId])).catch((error) => {
      throw isNotEmpty(error) ? stillRunning(groupId, error) : error;
    });
  }
  const existing = await ask((admin) => admin.listTopics());
  const deleted = Object.values(topics).filter((topic) => existing.includes(topic));
  if (deleted.length > 0) await ask((admin) => admin.deleteTopics({ topics: deleted }));
  // Deleting goes on for a moment after Kafka has said yes; a topic that is made meanwhile would be
  // refused. A program that starts just then makes it again, and it never goes away: so the wait has
  // an end.
  const areListed = async () =>
    (await ask((admin) => admin.listTopics())).some((topic) => deleted.includes(topic));
  for (let left = MOST_LOOKS; left > 0 && (await areListed()); left -= 1) await sleep(50);
  const names = [...deleted, ...opaque, ...others].join(", ");
  console.log(`Deleted: ${names || "nothing, there was nothing yet"}`);
}

function stillRunning(where: string, cause?: unknown): ProgramError {
  const message = `Still running in ${where}: stop the workers and the persister, then reset`;
  return new ProgramError(message, { cause });
}

/** kafkajs' KafkaJSDeleteGroupsError holds one error a group; its types do not say so. */
function isNotEmpty(error: unknown): boolean {
  const { groups = [] } = error as { groups?: { error?: unknown }[] };
  const texts = [error, ...groups.map((group) => group.error)]
    .flatMap(causesOf)
    .map(({ message }) => message);
  return texts.some((text) => /not empty/i.test(text));
}

async function confirmReset(topics: string[]): Promise<void> {
  if (!process.stdin.isTTY) {
    const message = "--reset deletes all tasks and results: say --yes where nobody can be asked";
    throw new ProgramError(message, { exitCode: 2 });
  }
  const { confirm } = await import("../common/prompt.ts");
  console.log(
    "A reset deletes every task and result in Kafka, answered or not. What the persister has stored in\n" +
      "its database stays.",
  );
  const agreed = await confirm(`Delete ${topics.join(", ")}?`);
  if (!agreed) throw new ProgramError("Nothing was deleted.");
}
