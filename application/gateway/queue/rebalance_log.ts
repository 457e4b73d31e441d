/** Each time that the partitions were dealt out anew: why, which ones waited or moved, and how long. */
import type { Owners } from "./group_history.ts";
import type { Rebalance } from "./queue_watch.ts";

const KEEP_MS = 600_000;
/** Until its cause is known: a group that deals out its partitions does not say why. */
const UNKNOWN = "the group deals out its partitions";

export interface GroupLook {
  at: number;
  /** What has changed since the look before, in words. */
  causes: readonly string[];
  /** Workers that have gone since then. */
  gone: readonly string[];
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
  gone: Set<string>;
  /** The owners before it. */
  before: Owners;
  /** Whether some member was left, so that the next change belongs to the same rebalance. */
  hasMembers: boolean;
}

export class RebalanceLog {
  #list: Rebalance[] = [];
  #open: Open[] = [];
  #settled: Owners = new Map();

  see({ at, causes, gone, owners, isSettled, isEmpty, isFirst }: GroupLook): void {
    const moved = partitionsThatMoved(this.#settled, owners);
    const hasBegun = causes.length > 0 || (!isFirst && (isSettled ? moved.length > 0 : !isEmpty));
    if (isFirst) this.#settled = owners;
    else if (hasBegun) this.#begin(at, causes, gone, isEmpty);
    for (const { rebalance, before, gone: left } of this.#open) {
      const orphans = [...owners.keys()].filter((partition) => {
        const owner = before.get(partition);
        return owner === undefined || left.has(owner);
      });
      // Others have changed hands perhaps, but somebody worked on them all the time.
      if (orphans.length > 0) rebalance.partitions = orphans;
      else if (isSettled) rebalance.partitions = partitionsThatMoved(before, owners);
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

  #begin(at: number, causes: readonly string[], gone: readonly string[], isEmpty: boolean): void {
    let open = this.#open.at(-1);
    if (open === undefined || !open.hasMembers) {
      const rebalance: Rebalance = { at, cause: UNKNOWN, partitions: [] };
      open = { rebalance, causes: new Set(), gone: new Set(), before: this.#settled, hasMembers: true };
      this.#open.push(open);
      this.#list.push(rebalance);
    }
    for (const cause of causes) open.causes.add(cause);
    for (const name of gone) open.gone.add(name);
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
