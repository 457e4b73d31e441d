/**
 * What was asked for at the controls, and what was seen of it since: a pure function of the events.
 * @import { Change, QueueState } from "../../gateway/live/wire.ts"
 * @import { Rebalance } from "../../gateway/queue/queue_watch.ts"
 * @import { Asked, Fates } from "./fates.js"
 *
 * @typedef {object} Action
 * @property {"send" | "rubbish" | "add" | "stop" | "kill"} kind
 * @property {number} at When it was asked for, by the gateway's clock.
 * @property {number} count How many tasks.
 * @property {string} worker Its name, as soon as it is known.
 * @property {number} [pid]
 * @property {Place} [place] Of the rubbish.
 * @property {ReadonlySet<string>} [ids] Of the tasks that were sent: known when the gateway has answered.
 * @property {Fates} fates What happened to its tasks since; while these are not known, to those of all.
 * @property {readonly Letter[]} letters Dead letters that came before it was known where the rubbish lies.
 * @property {Letter} [letter] The dead letter that the rubbish became.
 * @property {Rebalance} [rebalance] The one that it caused.
 * @property {readonly number[]} [partitions] That a new worker has now.
 * @property {number} waitedMs For how long at most partitions had no owner meanwhile.
 * @property {number} [endedAt] When all was seen that there is to see.
 * @property {string} [error]
 *
 * @typedef {Partial<Pick<Action, "ids" | "place" | "worker" | "pid">>} Named What the gateway calls it.
 * @typedef {{ partition: number, offset: number, reason: string, original: Partial<Place> }} Letter
 * @typedef {{ partition: number, offset: number }} Place
 */

import { addAnswer, countChanges, isEnded, pickFates } from "./fates.js";

/**
 * An action of which nothing was seen yet.
 * @param {Pick<Action, "kind"> & Partial<Action>} wish @param {number} at
 * @returns {Action}
 */
export function begin(wish, at) {
  return { count: 0, worker: "", fates: new Map(), letters: [], waitedMs: 0, ...wish, at };
}

/**
 * Adds what was seen since; an action that is over stays as it is.
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

/**
 * Now it is known what is its own: the rest is forgotten.
 * @param {Action} action @param {Named} names
 * @returns {Action}
 */
export function name(action, names) {
  const { ids } = names;
  const fates = ids === undefined ? action.fates : pickFates(action.fates, ids);
  return withLetters({ ...action, ...names, fates }, []);
}

/**
 * What is still to be asked for, where events were missed: its tasks without an end, its dead letter.
 * @param {Action} action
 */
export function openParts({ kind, ids = new Set(), fates, place, letter, endedAt, error }) {
  if (endedAt !== undefined || error !== undefined) return { tasks: [], isLetterOpen: false };
  return {
    tasks: [...ids].filter((id) => !isEnded(fates.get(id))),
    isLetterOpen: kind === "rubbish" && place !== undefined && letter === undefined,
  };
}

/** @param {Action} action @param {Asked} task As the gateway has answered. @returns {Action} */
export const learnTask = (action, task) =>
  action.ids?.has(task.task_id) ? { ...action, fates: addAnswer(action.fates, task) } : action;

/**
 * @param {Action} action @param {readonly Letter[]} letters As the gateway has answered.
 * @returns {Action}
 */
export const learnLetters = (action, letters) => (action.place ? withLetters(action, letters) : action);

/** @param {Action} action @param {readonly Change[]} changes @returns {Action} */
function withChanges(action, changes) {
  if (changes.length === 0) return action;
  if (action.kind === "send") return { ...action, fates: countChanges(action.fates, changes, action.ids) };
  if (action.kind === "rubbish")
    return withLetters(
      action,
      changes.flatMap((change) => (change.kind === "dead" ? toLetter(change) : [])),
    );
  return action;
}

/** @param {Action} action @param {readonly Letter[]} more @returns {Action} */
function withLetters({ letters, ...action }, more) {
  const all = [...letters, ...more];
  const { place } = action;
  if (place === undefined) return { ...action, letters: all };
  const isMine = (/** @type {Letter} */ { original }) =>
    original.partition === place.partition && original.offset === place.offset;
  const letter = action.letter ?? all.find(isMine);
  return { ...action, letters: [], ...(letter && { letter }) };
}

/** @param {Extract<Change, { kind: "dead" }>} change @returns {Letter} */
function toLetter({ partition, offset, reason, original_partition, original_offset }) {
  const original = {
    ...(original_partition !== undefined && { partition: original_partition }),
    ...(original_offset !== undefined && { offset: original_offset }),
  };
  return { partition, offset, reason, original };
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
  if (kind === "send") return ids !== undefined && [...ids].every((id) => isEnded(fates.get(id)));
  if (kind === "rubbish") return letter !== undefined;
  if (kind === "add") return partitions !== undefined;
  return rebalance?.ended_at !== undefined;
}
