/**
 * Temporary folders, topics and groups: how they are made, how they are removed, and what a crash left of
 * them.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { sweepTemporaryBrokers } from "../../kafka/temporary.ts";
import { begin } from "./cleanup.ts";
import { isAbandoned, type Kind, ownName } from "./owner.ts";

/** A killed member stays in its group until its session ends, after 6 s; twice that on a busy machine. */
const LONGEST_SESSION_MS = 12_000;
/** A Kafka that is gone by now has nothing left to clean, so nobody waits for it. */
const TRIES = 5;

/** A folder that cleanUp() deletes, and that sweepFolders() finds after a crash. */
export function temporaryFolder(kind: Kind): Promise<string> {
  return begin(() => mkdtemp(join(tmpdir(), `iris-${ownName(kind)}`)), removeFolder);
}

/**
 * A prefix of topics and groups that nobody else has; `behind` is the class's own, which may be all that it
 * has rights to.
 */
export function newPrefix(kind: Kind, behind = ""): string {
  return behind + ownName(kind);
}

/** Deletes the topics and groups under a prefix. End the programs that use them before. */
export async function deletePrefix(kafka: KafkaConnection, prefix: string): Promise<void> {
  const { failures } = await removeFromKafka(kafka, (name) => name.startsWith(prefix));
  if (failures[0] !== undefined) throw failures[0];
}

/**
 * Deletes the topics and groups that `isOurs` accepts. One that cannot be deleted does not keep the
 * others.
 */
async function removeFromKafka(kafka: KafkaConnection, isOurs: (name: string) => boolean) {
  const removed: string[] = [];
  const failures: Error[] = [];
  const attempt = async (name: string, remove: (kafka: KafkaConnection, name: string) => Promise<void>) => {
    try {
      await remove(kafka, name);
      removed.push(name);
    } catch (error) {
      failures.push(new Error(`${name} could not be deleted`, { cause: error }));
    }
  };
  const removeTopics = async () => {
    const topics = (await kafka.ask((admin) => admin.listTopics(), TRIES)).filter(isOurs);
    for (const topic of topics) await attempt(topic, removeTopic);
  };
  await removeTopics();
  const { groups } = await kafka.ask((admin) => admin.listGroups(), TRIES);
  // All at the same time: each may have to wait for the session of a killed member to end.
  await Promise.all(groups.map(({ groupId }) => isOurs(groupId) && attempt(groupId, removeGroup)));
  // A program that was killed may have asked for a topic just before: Kafka then makes it a moment later.
  await removeTopics();
  return { removed: [...new Set(removed)], failures };
}

/**
 * Removes what demonstrations, verifications and benchmarks that are gone have left: folders here, topics and
 * groups on this cluster. What a running one uses, and what has any other name, is not touched. Returns the
 * names.
 */
export async function sweepLeftovers(kafka: KafkaConnection): Promise<string[]> {
  const { removed } = await removeFromKafka(kafka, isAbandoned);
  return [...(await sweepFolders()), ...removed];
}

/** The part of sweepLeftovers() that needs no Kafka. */
export async function sweepFolders(): Promise<string[]> {
  const abandoned = (await readdir(tmpdir())).filter((name) => name.startsWith("iris-") && isAbandoned(name));
  const folders = abandoned.map((name) => join(tmpdir(), name));
  const isRemoved = await Promise.all(folders.map((folder) => removeFolder(folder).then(yes, no)));
  return [...folders.filter((_, index) => isRemoved[index]), ...(await sweepTemporaryBrokers())];
}

const yes = () => true;
/** On a machine with several users, whose folders are their own. */
const no = () => false;

async function removeFolder(folder: string): Promise<void> {
  // On Windows a file can be held for a moment by a program that has just ended.
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
}

/** Another program may have removed it a moment ago. */
async function removeTopic({ ask }: KafkaConnection, topic: string): Promise<void> {
  await ask((admin) => admin.deleteTopics({ topics: [topic] }), 1).catch(async (error) => {
    if ((await ask((admin) => admin.listTopics(), TRIES)).includes(topic)) throw error;
  });
}

/** A group with a member cannot be deleted: it is tried until the member's session has ended. */
export async function removeGroup({ ask }: KafkaConnection, groupId: string): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      await ask((admin) => admin.deleteGroups([groupId]), 1);
      return;
    } catch (error) {
      const [refusal] = (error as { groups?: { error?: { type?: string } }[] }).groups ?? [];
      if (refusal?.error?.type === "GROUP_ID_NOT_FOUND") return;
      if (refusal === undefined || performance.now() - start > LONGEST_SESSION_MS) throw error;
      await sleep(200);
    }
  }
}
