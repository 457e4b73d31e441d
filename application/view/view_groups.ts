/**
 * The consumer groups of a view. kafkajs reads only as a member of a group, so each start has groups of its
 * own, which nobody needs afterwards.
 */
import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { causesOf, isOutage } from "../../common/kafka/errors.ts";
import type { Database } from "../../common/sqlite.ts";
import { READ_TOPICS, type ReadTopic } from "./types.ts";
import { readMeta, writeMeta } from "./view_file.ts";

/** Under this key `meta` has a JSON list of the groups that are still to be deleted. */
const META = "groups";

export class ViewGroups {
  readonly names: Readonly<Record<ReadTopic, string>>;
  readonly #database: Database;
  /** Of earlier starts. */
  #old: string[];

  /** Makes the names, and notes them in the database before anybody uses them. */
  constructor(database: Database, prefix: string) {
    this.#database = database;
    const base = `${prefix}gateway_view_${randomUUID()}`;
    const entries = READ_TOPICS.map((topic) => [topic, `${base}_${topic}`]);
    this.names = Object.fromEntries(entries);
    this.#old = JSON.parse(readMeta(database, META) ?? "[]");
    this.#note([...this.#old, ...Object.values(this.names)]);
  }

  #note(groups: string[]): void {
    writeMeta(this.#database, META, JSON.stringify(groups));
  }

  /** Deletes the groups of earlier starts; one whose member was killed is there until its session ends. */
  async deleteOld(kafka: KafkaConnection): Promise<void> {
    if (this.#old.length === 0) return;
    this.#old = await deleteGroups(kafka, this.#old);
    this.#note([...this.#old, ...Object.values(this.names)]);
  }

  /** Deletes all, at the end. */
  async deleteAll(kafka: KafkaConnection): Promise<void> {
    this.#note(await deleteGroups(kafka, [...this.#old, ...Object.values(this.names)]));
  }
}

/** Returns those that are still there. */
async function deleteGroups(kafka: KafkaConnection, groups: string[]): Promise<string[]> {
  try {
    await kafka.ask((admin) => admin.deleteGroups(groups), 1);
    return [];
  } catch (error) {
    if (isOutage(error) && refusalsIn(error).length === 0) return groups;
    // A group that was not joined yet is not there: GROUP_ID_NOT_FOUND.
    return refusalsIn(error).flatMap(({ groupId, error: { type } }) =>
      type === "GROUP_ID_NOT_FOUND" ? [] : [groupId],
    );
  }
}

interface Refusal {
  groupId: string;
  error: { type?: string };
}

function refusalsIn(error: unknown): Refusal[] {
  return causesOf(error).flatMap((inner) => ("groups" in inner ? (inner.groups as Refusal[]) : []));
}
