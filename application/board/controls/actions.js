/**
 * What was asked for at the controls, and what was seen of it since: a pure function of the events.
 * @import { Change, QueueState } from "../../gateway/live/wire.ts"
 * @import { Rebalance } from "../../gateway/queue/queue_watch.ts"
 *
 * @typedef {object} Action
 * @property {"send" | "rubbish" | "add" | "stop" | "kill"} kind
 * @property {number} at When it was asked for, by the gateway's clock.
 * @property {number} count How many tasks.
 * @property {string} worker Its name, as soon as it is known.
 * @property {number} [pid]
 * @property {{ partition: number, offset: number }} [place] Of the rubbish.
 * @property {ReadonlySet<string>} [ids] Of the tasks that were sent: known when the gateway has answered.
 * @property {ReadonlyMap<string, Fate>} fates What happened to tasks since: some may be those of others.
 * @property {{ place: string, reason: string }} [letter] The dead letter that the rubbish became.
 * @property {Rebalance} [rebalance] The one that it caused.
 * @property {readonly number[]} [partitions] That a new worker has now.
 * @property {number} waitedMs For how long at most partitions had no owner meanwhile.
 * @property {number} [endedAt] When all was seen that there is to see.
 * @property {string} [error]
 *
 * @typedef {{ started: number, ended: number, outcome?: string }} Fate
 */

/**
 * @param {Pick<Action, "kind"> & Partial<Action>} wish @param {number} at
 * @returns {Action}
 */
export function begin(wish, at) {
  return { count: 0, worker: "", fates: new Map(), waitedMs: 0, ...wish, at };
}

/**
 * @param {Action} action @param {readonly Change[]} changes
 * @param {QueueState} queue @param {number} now By the gateway's clock.
 * @returns {Action}
 */
export function observe(action, changes, queue, now) {
  if (action.endedAt !== undefined || action.error !== undefined) return action;
  const caused = queue.rebalances.filter(({ at }) => at >= action.at);
  const waits = caused.map(({ at, ended_at }) => (ended_at ?? now) - at);
  const seen = withChanges({ ...action, waitedMs: Math.max(action.waitedMs, ...waits) }, changes);
  const next = seen.kind === "send" || seen.kind === "rubbish" ? seen : withWorker(seen, queue, caused);
  return isOver(next) ? { ...next, endedAt: now } : next;
}

/** @param {Action} action @param {readonly Change[]} changes @returns {Action} */
function withChanges(action, changes) {
  if (changes.length === 0) return action;
  const fates = new Map(action.fates);
  let { letter } = action;
  for (const change of changes) {
    if (change.kind === "started" || change.kind === "ended") {
      const { started = 0, ended = 0, outcome } = fates.get(change.id) ?? {};
      const isEnd = change.kind === "ended";
      const fate = { started: started + (isEnd ? 0 : 1), ended: ended + (isEnd ? 1 : 0) };
      const became = change.kind === "ended" ? change.outcome : outcome;
      fates.set(change.id, became === undefined ? fate : { ...fate, outcome: became });
    } else if (change.kind === "dead" && change.original_partition === action.place?.partition) {
      letter ??= { place: `${change.partition}/${change.offset}`, reason: change.reason };
    }
  }
  return { ...action, fates, ...(letter && { letter }) };
}

/** @param {Action} action @param {QueueState} queue @param {readonly Rebalance[]} caused @returns {Action} */
function withWorker(action, { workers }, caused) {
  const worker = workers.find(({ name }) => name === action.worker);
  if (action.kind === "add") {
    if (worker === undefined || worker.state === "gone" || worker.partitions.length === 0) return action;
    return { ...action, partitions: worker.partitions };
  }
  const rebalance = caused.find(({ cause }) => cause.includes(`${action.worker} is gone`));
  return rebalance === undefined ? action : { ...action, rebalance };
}

/** @param {Action} action */
function isOver({ kind, ids, fates, letter, partitions, rebalance }) {
  if (kind === "send") return ids !== undefined && [...ids].every((id) => (fates.get(id)?.ended ?? 0) > 0);
  if (kind === "rubbish") return letter !== undefined;
  if (kind === "add") return partitions !== undefined;
  return rebalance?.ended_at !== undefined;
}
