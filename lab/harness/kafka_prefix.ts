/** A part of a Kafka for one purpose: topics and groups under a prefix of its own. */
import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../../common/kafka/client.ts";

/** A prefix that nobody else has, such as demo-1f3a9c2e-. */
export function newPrefix(purpose: "bench" | "demo" | "test" | "verify", behind = ""): string {
  return `${behind}${purpose}-${randomUUID().slice(0, 8)}-`;
}

/** Deletes all topics and groups under the prefix. */
export async function deletePrefix({ ask }: KafkaConnection, prefix: string): Promise<void> {
  const topics = (await ask((admin) => admin.listTopics())).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await ask((admin) => admin.deleteTopics({ topics }));
  const { groups } = await ask((admin) => admin.listGroups());
  const groupIds = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
  // A group with a member that was killed cannot be deleted before its session ends; Kafka forgets it in time.
  if (groupIds.length > 0) await ask((admin) => admin.deleteGroups(groupIds), 1).catch(() => {});
}
