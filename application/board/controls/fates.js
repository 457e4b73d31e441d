/**
 * What became of the tasks of an action: counted from the events, and asked for where events were missed.
 * @import { Change } from "../../gateway/live/wire.ts"
 *
 * @typedef {object} Fate
 * @property {number} started How often it was begun, as the events told.
 * @property {number} ended How often it was answered.
 * @property {number} [attempts] How often it was begun, as the gateway answered.
 * @property {boolean} [isAsked] Its end is known from the gateway's answer.
 * @property {string} [outcome]
 * @typedef {ReadonlyMap<string, Fate>} Fates By id.
 *
 * @typedef {object} Asked What GET /tasks/<id> answers.
 * @property {string} task_id
 * @property {"PENDING" | "STARTED" | "SUCCESS" | "FAILED" | "CANCELLED"} status
 * @property {number} [attempts]
 * @property {string} [species]
 */

/** @type {Fate} */
const NONE = { started: 0, ended: 0 };

/** @param {Fate | undefined} fate */
export const isEnded = (fate) => fate !== undefined && fate.ended > 0;
/** @param {Fate} fate */
export const isBegunAgain = ({ started, attempts = 0 }) => Math.max(started, attempts) > 1;

/**
 * Adds what the events tell of the tasks `ids`, or of all tasks while these are not known yet.
 * @param {Fates} fates @param {readonly Change[]} changes @param {ReadonlySet<string> | undefined} ids
 * @returns {Fates}
 */
export function countChanges(fates, changes, ids) {
  const next = new Map(fates);
  for (const change of changes) {
    if (change.kind !== "started" && change.kind !== "ended") continue;
    if (ids !== undefined && !ids.has(change.id)) continue;
    const before = next.get(change.id) ?? NONE;
    if (change.kind === "started") next.set(change.id, { ...before, started: before.started + 1 });
    // The end that was asked for is the one that this event tells: it was on its way meanwhile.
    else if (before.isAsked) next.set(change.id, { ...before, isAsked: false });
    else next.set(change.id, { ...before, ended: before.ended + 1, outcome: change.outcome });
  }
  return next;
}

/** Those of the tasks `ids` alone. @param {Fates} fates @param {ReadonlySet<string>} ids @returns {Fates} */
export const pickFates = (fates, ids) => new Map([...fates].filter(([id]) => ids.has(id)));

/**
 * Adds what the gateway answered: it knows what the events told meanwhile to nobody.
 * @param {Fates} fates @param {Asked} task
 * @returns {Fates}
 */
export function addAnswer(fates, { task_id, status, attempts = 1, species }) {
  const before = fates.get(task_id) ?? NONE;
  // A task that waits counts the attempt that it waits for.
  const begun = { ...before, attempts: status === "PENDING" ? attempts - 1 : attempts };
  const isOver = status !== "PENDING" && status !== "STARTED" && !isEnded(before);
  const end = { ended: 1, isAsked: true, outcome: species ?? status };
  return new Map(fates).set(task_id, isOver ? { ...begun, ...end } : begun);
}
