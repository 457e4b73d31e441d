/** Begins anew: the topics and the groups are deleted, and the caller makes them again. */
import type { Admin } from "kafkajs";
import { exitWith } from "../common/cli.ts";
import { TOPICS, WORKER_GROUP } from "../common/kafka/client.ts";
import { PERSISTER_GROUP } from "../common/persist_results.ts";

const GROUPS = [WORKER_GROUP, PERSISTER_GROUP];
const TOPIC_NAMES = Object.values(TOPICS);

/** Asks first unless `sure`. Ends the program with one line when a group still has members, whose topics these are. */
export async function resetTopics(admin: Admin, sure: boolean): Promise<void> {
  const { groups } = await admin.describeGroups(GROUPS);
  const busy = groups.filter(({ members }) => members.length > 0);
  if (busy.length > 0) {
    const names = busy.map(({ groupId, members }) => `${groupId} (${members.length})`).join(", ");
    exitWith(1, `Still running in ${names}: stop the workers and the persister, then reset`);
  }
  if (!sure) await askFirst();

  const existing = await admin.listTopics();
  const topics = TOPIC_NAMES.filter((topic) => existing.includes(topic));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  const known = await admin.listGroups();
  const groupIds = GROUPS.filter((groupId) => known.groups.some((group) => group.groupId === groupId));
  if (groupIds.length > 0) await admin.deleteGroups(groupIds);
  // Deleting goes on for a moment after Kafka has said yes; a topic that is made meanwhile would be refused.
  while ((await admin.listTopics()).some((topic) => topics.includes(topic as (typeof TOPIC_NAMES)[number]))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log(`Deleted: ${[...topics, ...groupIds].join(", ") || "nothing, there was nothing yet"}`);
}

async function askFirst(): Promise<void> {
  if (!process.stdin.isTTY)
    exitWith(2, "--reset deletes all tasks and results: say --yes where nobody can be asked");
  const { confirm } = await import("@inquirer/prompts");
  const question = `Delete ${TOPIC_NAMES.join(", ")} with all tasks and results in them?`;
  const agreed = await confirm({ message: question, default: false }).catch(() => false);
  if (!agreed) exitWith(1, "Nothing was deleted.");
}
