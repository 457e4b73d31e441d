/** Each time that the partitions were dealt out anew: why, which ones moved, and how long that took. */
import type { Owners } from "./group_history.ts";
import type { Rebalance } from "./queue_watch.ts";

const KEEP_MS = 600_000;
/** Until its cause is known: a group that deals out its partitions does not say why. */
const UNKNOWN = "the group deals out its partitions";

export interface GroupLook {
  at: number;
  /** What has changed since the look before, in words. */
  causes: readonly string[];
  owners: Owners;
  /** Whether the group knows who owns what. */
  isSettled: boolean;
  /** Whether it has no member. */
  isEmpty: boolean;
  isFirst: boolean;
}

interface Open {
  rebalance: Rebalance;
  causes: Set<string>;
  /** The owners before it. */
  before: Owners;
  /** Whether some member was left, so that the next change belongs to the same rebalance. */
  hasMembers: boolean;
}

export class RebalanceLog {
  #list: Rebalance[] = [];
  #open: Open[] = [];
  #settled: Owners = new Map();

  see({ at, causes, owners, isSettled, isEmpty, isFirst }: GroupLook): void {
    const moved = partitionsThatMoved(this.#settled, owners);
    const hasBegun = causes.length > 0 || (!isFirst && (isSettled ? moved.length > 0 : !isEmpty));
    if (isFirst) this.#settled = owners;
    else if (hasBegun) this.#begin(at, causes, isEmpty);
    for (const { rebalance, before } of this.#open) {
      const waiting = [...owners].filter(([, owner]) => owner === undefined).map(([partition]) => partition);
      // While the group deals them out nobody owns any: then those count that had lost their owner before.
      const known = isSettled ? [...waiting, ...partitionsThatMoved(before, owners)] : isEmpty ? waiting : [];
      rebalance.partitions = [...new Set([...rebalance.partitions, ...known])].sort((a, b) => a - b);
    }
    if (isSettled && [...owners.values()].every((owner) => owner !== undefined)) {
      for (const { rebalance } of this.#open) rebalance.ended_at = at;
      this.#open = [];
    }
    if (isSettled || isEmpty) this.#settled = owners;
    this.#list = this.#list.filter((rebalance) => at - rebalance.at < KEEP_MS);
  }

  /** Owners are not known any more: nothing can be said about what is open. */
  forget(): void {
    for (const { rebalance } of this.#open) this.#list = this.#list.filter((other) => other !== rebalance);
    this.#open = [];
  }

  /** Oldest first. */
  list(): Rebalance[] {
    return this.#list.map((rebalance) => ({ ...rebalance }));
  }

  #begin(at: number, causes: readonly string[], isEmpty: boolean): void {
    let open = this.#open.at(-1);
    if (open === undefined || !open.hasMembers) {
      const rebalance: Rebalance = { at, cause: UNKNOWN, partitions: [] };
      open = { rebalance, causes: new Set(), before: this.#settled, hasMembers: true };
      this.#open.push(open);
      this.#list.push(rebalance);
    }
    for (const cause of causes) open.causes.add(cause);
    if (open.causes.size > 0) open.rebalance.cause = [...open.causes].join(", ");
    open.hasMembers = !isEmpty;
  }
}

/** Those that had an owner before, or have one now, and not the same. */
function partitionsThatMoved(before: Owners, now: Owners): number[] {
  return [...now]
    .filter(([partition, owner]) => before.get(partition) !== owner)
    .map(([partition]) => partition);
}
