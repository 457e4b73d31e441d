/**
 * The consumer groups of a view. kafkajs reads only as a member of a group, so each start has groups of its
 * own, and so has each consumer that begins again. Nobody needs them afterwards.
 */
import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { causesOf, isOutage } from "../../common/kafka/errors.ts";
import type { Database } from "../../common/sqlite.ts";
import type { ReadTopic } from "./types.ts";
import { readMeta, writeMeta } from "./view_file.ts";

/** Under this key `meta` has a JSON list of the groups that are still to be deleted. */
const META = "groups";

export class ViewGroups {
  readonly #database: Database;
  readonly #prefix: string;
  readonly #present = new Map<ReadTopic, string>();
  /** Of earlier starts, and of consumers that an outage has ended. */
  #old: string[];

  constructor(database: Database, prefix: string) {
    this.#database = database;
    this.#prefix = prefix;
    this.#old = JSON.parse(readMeta(database, META) ?? "[]");
  }

  /** Makes a name, and notes it in the database before anybody uses it. */
  create(topic: ReadTopic): string {
    const before = this.#present.get(topic);
    if (before !== undefined) this.#old.push(before);
    const name = `${this.#prefix}gateway_view_${randomUUID()}_${topic}`;
    this.#present.set(topic, name);
    this.#note([...this.#old, ...this.#present.values()]);
    return name;
  }

  #note(groups: string[]): void {
    writeMeta(this.#database, META, JSON.stringify(groups));
  }

  /** Deletes the old ones; one whose member was killed is there until its session ends. */
  async deleteOld(kafka: KafkaConnection): Promise<void> {
    const asked = this.#old;
    if (asked.length === 0) return;
    const left = await deleteGroups(kafka, asked);
    // Others may have become old meanwhile.
    this.#old = this.#old.filter((name) => left.includes(name) || !asked.includes(name));
    this.#note([...this.#old, ...this.#present.values()]);
  }

  /** Deletes all, at the end. */
  async deleteAll(kafka: KafkaConnection): Promise<void> {
    this.#note(await deleteGroups(kafka, [...this.#old, ...this.#present.values()]));
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
