/**
 * What the person at the page has chosen: a view, a pause, a figure to be explained.
 * @import { Board } from "../live/store.js"
 * @import { HubMessage } from "../live/hub.js"
 */
import { parseHash } from "./address.js";

/** The views by their names in the address, with their titles. */
export const VIEWS = /** @type {const} */ ({
  queue: "Queue",
  flower: "One flower",
  figures: "Figures",
  results: "Results",
  "dead-letters": "Dead letters",
});
/** @typedef {keyof typeof VIEWS} ViewName */

/** The state of the page. Who changes it calls redraw(). */
export const ui = {
  /** For a projector: larger, and without controls. */
  isWall: location.pathname === "/wall",
  /** @type {ViewName} */
  view: "queue",
  /** What stands behind the view in the address: #flower/<task id>. */
  subject: "",
  /** @type {{ board: Board, now: number } | undefined} */
  frozen: undefined,
  /** The key of a source, or the number of a partition. @type {string | number | undefined} */
  inspected: undefined,
  /** What is known at this moment, also while the board is paused. @type {Board | undefined} */
  latest: undefined,
  /** Are told of all that comes in. @type {Set<(message: HubMessage, board: Board) => void>} */
  listeners: new Set(),
};

/** @type {(wish?: "freeze") => void} */
let onChange = () => {};
/** @param {(wish?: "freeze") => void} listener */
export function whenChanged(listener) {
  onChange = listener;
}

/** Draws again, when something that is drawn has changed by other ways than the events. */
export const redraw = () => onChange();
/** Pauses the board, or lets it go on. */
export const freezeOrGoOn = () => onChange("freeze");

/** @param {string | number} what */
export function inspect(what) {
  ui.inspected = ui.inspected === what ? undefined : what;
  onChange();
}

/** Shows what the page's address says. */
export function readAddress() {
  const { view: name, subject } = parseHash(location.hash);
  const before = ui.view;
  ui.view = !ui.isWall && Object.hasOwn(VIEWS, name) ? /** @type {ViewName} */ (name) : "queue";
  ui.subject = subject;
  if (ui.view !== before) ui.inspected = undefined;
  document.title = ui.view === "queue" ? "Iris stages" : `${VIEWS[ui.view]} - Iris stages`;
  onChange();
}
