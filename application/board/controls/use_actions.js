/**
 * The actions of this page: each is begun, sent to the gateway, and watched until all was seen of it.
 * @import { HubMessage } from "../live/hub.js"
 * @import { Board } from "../live/store.js"
 * @import { Action } from "./actions.js"
 */
import { ask } from "../parts/api.js";
import { redraw, ui } from "../parts/ui.js";
import { begin, observe } from "./actions.js";

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
export const latestActions = () => actions;

/** @param {number} at @param {Partial<Action>} more Of the action that began then. */
function amend(at, more) {
  actions = actions.map((action) => (action.at === at ? { ...action, ...more } : action));
  redraw();
}

/**
 * @param {Pick<Action, "kind"> & Partial<Action>} wish
 * @param {string} path @param {unknown} [body]
 */
export async function act(wish, path, body) {
  const at = Date.now() - (ui.latest?.skew ?? 0);
  actions = [begin(wish, at), ...actions].slice(0, MOST);
  ui.listeners.add(listen);
  redraw();
  try {
    /** @type {Answer} */
    const answer = await ask(`/controls/${path}`, { method: "POST", body });
    const { tasks, worker, pid, partition, offset } = answer;
    amend(at, {
      ...(tasks && { ids: new Set(tasks.map(({ task_id }) => task_id)) }),
      ...(worker !== undefined && { worker }),
      ...(pid !== undefined && { pid }),
      ...(partition !== undefined && offset !== undefined && { place: { partition, offset } }),
    });
  } catch (error) {
    amend(at, { error: /** @type {Error} */ (error).message });
  }
}

/** @param {HubMessage} message @param {Board} board */
function listen(message, { queue, skew }) {
  if (queue === undefined || !("events" in message)) return;
  const changes = message.events.flatMap((event) => (event.name === "changes" ? event.data.changes : []));
  const now = Date.now() - skew;
  actions = actions.map((action) => observe(action, changes, queue, now));
}
