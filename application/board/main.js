/**
 * The board's entry: follows the queue, and draws what is known of it.
 * @import { Board } from "./live/store.js"
 * @import { Change } from "../gateway/live/wire.ts"
 */
import { App } from "./app.js";
import { connect } from "./live/connection.js";
import { openScreen } from "./live/screen.js";
import { EMPTY, reduce } from "./live/store.js";
import { html, render } from "./parts/html.js";
import { readAddress, ui, whenChanged } from "./parts/ui.js";
import { fly } from "./queue/flights.js";

const NEWS_MS = 10_000;
const root = /** @type {HTMLElement} */ (document.getElementById("board"));
/** @type {Board} */
let board = EMPTY;
/** What happened since the last drawing. @type {Change[]} */
let fresh = [];

const screen = openScreen(() => {
  const now = Date.now() - board.skew;
  const seen = ui.frozen ?? { board, now };
  const changes = ui.frozen === undefined ? fresh : [];
  fresh = [];
  render(html`<${App} board=${seen.board} now=${seen.now} live=${board} />`, root);
  fly(changes);
  return ui.frozen === undefined && isMoving(board);
});

connect((message) => {
  if ("board" in message) board = message.board;
  else {
    for (const event of message.events) {
      board = reduce(board, event, Date.now());
      if (event.name === "changes" && ui.frozen === undefined)
        fresh.push(...event.data.changes.filter(isNews));
    }
  }
  ui.latest = board;
  for (const listener of ui.listeners) listener(message, board);
  if (ui.frozen === undefined) screen.soon();
});

whenChanged((wish) => {
  if (wish === "freeze")
    ui.frozen = ui.frozen === undefined ? { board, now: Date.now() - board.skew } : undefined;
  screen.soon();
});
addEventListener("hashchange", readAddress);
readAddress();

/**
 * A page that was not seen is told what happened meanwhile: that does not fly any more.
 * @param {Change} change
 */
function isNews({ at }) {
  return at > Date.now() - board.skew - NEWS_MS;
}

/** Whether there is something on the board that counts seconds. @param {Board} board */
function isMoving({ queue, timeline }) {
  if (queue === undefined) return false;
  return timeline.length > 0 || queue.totals.waiting + queue.totals.in_progress > 0;
}
