/**
 * What happens to the workers' group, from one look at it to the next: who came, who is gone, which
 * partitions have no owner and since when, and why they moved.
 */
import { SESSION_MS } from "../../../common/kafka/keep_alive.ts";
import type { Membership } from "./ask_kafka.ts";
import { EndedProcesses } from "./ended_processes.ts";
import type { QueueWatch, Rebalance, WorkerSeen } from "./queue_watch.ts";
import { RebalanceLog } from "./rebalance_log.ts";

/** So long one that is gone is shown: as long as its blocks stand in the time line. */
const SHOW_GONE_MS = 60_000;

export type Owners = Map<number, string | undefined>;
type News = Parameters<QueueWatch["tell"]>[0];

export class GroupHistory {
  /** Of the last look: member ids and their names, without those that are known to be dead. */
  #alive = new Map<string, string>();
  readonly #ended = new EndedProcesses();
  readonly #pids = new Map<string, number>();
  readonly #gone = new Map<string, WorkerSeen>();
  readonly #unownedSince = new Map<number, number>();
  readonly #rebalances = new RebalanceLog();
  #owners: Owners = new Map();
  #members: Membership["members"] = [];
  #hasLooked = false;

  /** Takes in what Kafka says now. */
  see(at: number, { state, members, hasHiddenMembers }: Membership, partitions: readonly number[]): void {
    this.#ended.see(at, members);
    this.#members = members;
    const alive = new Map(
      members.filter(({ id }) => !this.#ended.hasMember(id)).map(({ id, name }) => [id, name]),
    );
    const changes = this.#hasLooked ? this.#compare(at, alive, partitions.length) : { causes: [], gone: [] };
    this.#alive = alive;
    const isEmpty = alive.size === 0;
    const isSettled = !hasHiddenMembers && (state === "Stable" || isEmpty);
    const owners: Owners = new Map(partitions.map((partition) => [partition, undefined]));
    for (const { id, name, partitions: owned } of members) {
      if (this.#ended.hasMember(id)) continue;
      for (const partition of owned) if (owners.has(partition)) owners.set(partition, name);
    }
    this.#setOwners(at, owners, hasHiddenMembers);
    if (hasHiddenMembers) this.#rebalances.forget();
    else this.#rebalances.see({ at, ...changes, owners, isSettled, isEmpty, isFirst: !this.#hasLooked });
    this.#hasLooked = true;
    for (const [name, { gone_at = at }] of this.#gone) {
      if (at - gone_at > SHOW_GONE_MS) this.#gone.delete(name);
    }
  }

  /** Takes in news of a process, which come before Kafka notices. */
  tell(at: number, { name, pid, state }: News): void {
    this.#pids.set(name, pid);
    if (state === "started") {
      this.#ended.delete(name);
      return;
    }
    this.#ended.add(name, at, this.#members);
    const theirs = this.#members.filter((member) => member.name === name);
    const wasAlive = theirs.some(({ id }) => this.#alive.delete(id));
    if (!wasAlive) return;
    this.#miss(at, name);
    const owners: Owners = new Map(this.#owners);
    for (const [partition, owner] of owners) if (owner === name) owners.set(partition, undefined);
    this.#setOwners(at, owners, false);
    const news = { causes: [`${name} is gone`], gone: [name] };
    const isEmpty = this.#alive.size === 0;
    this.#rebalances.see({ at, ...news, owners, isSettled: false, isEmpty, isFirst: false });
  }

  /** Who owns which partition: undefined for nobody, and while the group deals them out. */
  get owners(): ReadonlyMap<number, string | undefined> {
    return this.#owners;
  }

  get rebalances(): Rebalance[] {
    return this.#rebalances.list();
  }

  unownedSince(partition: number): number | undefined {
    return this.#unownedSince.get(partition);
  }

  /** Those that are here, and those that are gone since a minute or less; by name. */
  workers(): WorkerSeen[] {
    const here = new Map<string, WorkerSeen>();
    for (const { id, name, partitions } of this.#members) {
      if (this.#ended.hasMember(id)) continue;
      const owned = [...(here.get(name)?.partitions ?? []), ...partitions].sort((a, b) => a - b);
      const pid = this.#pids.get(name);
      here.set(name, { name, partitions: owned, state: "here", ...(pid === undefined ? {} : { pid }) });
    }
    const listed = new Set(this.#members.map(({ name }) => name));
    const gone = [...this.#gone.values()]
      .filter(({ name }) => !here.has(name))
      .map(({ session_ends_at, ...worker }) =>
        // When Kafka lists it no more, its partitions have moved.
        session_ends_at !== undefined && listed.has(worker.name) ? { ...worker, session_ends_at } : worker,
      );
    return [...here.values(), ...gone].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }

  /** What has changed since the last look, in words, and who is gone. */
  #compare(at: number, alive: ReadonlyMap<string, string>, partitions: number) {
    const left = namesOf(this.#alive, alive);
    const come = namesOf(alive, this.#alive);
    const again = come.filter((name) => left.includes(name));
    for (const name of left) if (![...alive.values()].includes(name)) this.#miss(at, name);
    for (const name of come) this.#gone.delete(name);
    const causes = [
      ...left.filter((name) => !again.includes(name)).map((name) => `${name} is gone`),
      ...come.filter((name) => !again.includes(name)).map((name) => `${name} has come`),
      ...again.map((name) => `${name} has joined again`),
    ];
    const before = this.#owners.size;
    if (before > 0 && partitions > before) causes.push(`partitions were raised to ${partitions}`);
    return { causes, gone: left };
  }

  #miss(at: number, name: string): void {
    const partitions = [...this.#owners]
      .filter(([, owner]) => owner === name)
      .map(([partition]) => partition);
    const pid = this.#pids.get(name);
    this.#gone.set(name, {
      name,
      partitions,
      state: "gone",
      ...(pid === undefined ? {} : { pid }),
      gone_at: at,
      ...(this.#ended.hasName(name) ? { session_ends_at: at + SESSION_MS } : {}),
    });
  }

  #setOwners(at: number, owners: Owners, isUnknown: boolean): void {
    this.#owners = owners;
    for (const [partition, owner] of owners) {
      if (owner !== undefined || isUnknown) this.#unownedSince.delete(partition);
      else if (!this.#unownedSince.has(partition)) this.#unownedSince.set(partition, at);
    }
  }
}

/** The names of those that the second does not have. */
function namesOf(members: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string[] {
  return [...new Set([...members].filter(([id]) => !others.has(id)).map(([, name]) => name))].sort();
}
