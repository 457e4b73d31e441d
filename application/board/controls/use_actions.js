/**
 * The actions of this page: each is begun, sent to the gateway, and watched until all was seen of it.
 * @import { HubMessage } from "../live/hub.js"
 * @import { Board } from "../live/store.js"
 * @import { Action, Letter } from "./actions.js"
 * @import { Asked } from "./fates.js"
 */
import { ask, Refusal } from "../parts/api.js";
import { redraw, ui } from "../parts/ui.js";
import { begin, learnLetters, learnTask, name, observe, openParts } from "./actions.js";

/**
 * What the gateway answers, each control its own part.
 * @typedef {object} Answer
 * @property {{ task_id: string }[]} [tasks]
 * @property {string} [worker]
 * @property {number} [pid]
 * @property {number} [partition]
 * @property {number} [offset]
 */

/** So many are shown. */
const MOST = 3;

/** The latest first. They outlive the view. @type {readonly Action[]} */
let actions = [];
/** What is shown beside the controls, the latest first. */
export const latestActions = () => actions;

/** When events were missed, by the gateway's clock. */
let missedAt = 0;
/** All that was missed until then was asked for. */
let caughtUpAt = 0;
let isCatchingUp = false;

const gatewayNow = () => Date.now() - (ui.latest?.skew ?? 0);

/** @param {number} at @param {(action: Action) => Action} change Of the action that began then. */
function amend(at, change) {
  actions = actions.map((action) => (action.at === at ? change(action) : action));
  redraw();
}

/**
 * Begins an action, and asks the gateway for it.
 * @param {Pick<Action, "kind"> & Partial<Action>} wish
 * @param {string} path @param {unknown} [body]
 */
export async function act(wish, path, body) {
  const at = gatewayNow();
  actions = [begin(wish, at), ...actions].slice(0, MOST);
  ui.listeners.add(listen);
  redraw();
  try {
    /** @type {Answer} */
    const answer = await ask(`/controls/${path}`, { method: "POST", body });
    const { tasks, worker, pid, partition, offset } = answer;
    const names = {
      ...(tasks && { ids: new Set(tasks.map(({ task_id }) => task_id)) }),
      ...(worker !== undefined && { worker }),
      ...(pid !== undefined && { pid }),
      ...(partition !== undefined && offset !== undefined && { place: { partition, offset } }),
    };
    amend(at, (action) => name(action, names));
    // What was missed before could not be asked for.
    if (missedAt >= at) missedAt = gatewayNow();
  } catch (error) {
    amend(at, (action) => ({ ...action, error: /** @type {Error} */ (error).message }));
  }
}

/** @param {HubMessage} message @param {Board} board */
function listen(message, { queue, skew }) {
  const events = "events" in message ? message.events : [];
  // What happened meanwhile is not told change by change.
  if ("board" in message || events.some(({ name }) => name === "resync" || name === "state"))
    missedAt = gatewayNow();
  if (missedAt > caughtUpAt) void catchUp();
  if (queue === undefined) return;
  const changes = events.flatMap((event) => (event.name === "changes" ? event.data.changes : []));
  const now = Date.now() - skew;
  actions = actions.map((action) => observe(action, changes, queue, now));
}

/** Asks for what is still open, one after the other: while much happens, events are missed each second. */
async function catchUp() {
  if (isCatchingUp) return;
  isCatchingUp = true;
  const until = missedAt;
  try {
    for (const { at } of actions) await catchUpWith(at);
    caughtUpAt = until;
  } catch {} // The gateway is away: what it tells when it is back asks again.
  isCatchingUp = false;
}

/** @param {number} at When the action began. */
async function catchUpWith(at) {
  const action = actions.find((one) => one.at === at);
  if (action === undefined) return;
  const { tasks, isLetterOpen } = openParts(action);
  for (const id of tasks) {
    /** @type {Asked | undefined} */
    const task = await ask(`/tasks/${id}`).catch(unlessAway);
    if (task) amend(at, (known) => learnTask(known, task));
  }
  if (!isLetterOpen) return;
  /** @type {{ dead_letters: Letter[] }} */
  const { dead_letters } = await ask("/dead-letters?limit=100");
  amend(at, (known) => learnLetters(known, dead_letters));
}

/** A task that is forgotten is not asked for again. @param {unknown} error */
function unlessAway(error) {
  if (error instanceof Refusal && error.status < 500) return undefined;
  throw error;
}
