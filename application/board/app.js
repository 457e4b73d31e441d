/**
 * The frame of the page: where you are, whether it lives, and the line that explains figures.
 * @import { Board } from "./live/store.js"
 */

import { Controls, hasControls } from "./controls/controls.js";
import { DeadLettersView } from "./dead_letters/dead_letters_view.js";
import { FiguresView } from "./figures/figures_view.js";
import { FlowerView } from "./flower/flower_view.js";
import { clock, shown } from "./parts/format.js";
import { html, useMemo } from "./parts/html.js";
import { Inspector } from "./parts/inspector.js";
import { freezeOrGoOn, inspect, ui, VIEWS } from "./parts/ui.js";
import { QueueView } from "./queue/queue_view.js";
import { ResultsView } from "./results/results_view.js";

/** @param {{ board: Board, now: number, live: Board }} props `live`: also while the board is paused. */
export function App({ board, now, live }) {
  if (ui.isWall) return html`<main class="wall view"><${QueueView} board=${board} now=${now} /></main>`;
  return html`
    <${Header} board=${live} />
    <main class="view" onClick=${explain}><${View} board=${board} now=${now} /></main>
    ${(ui.view === "queue" || ui.view === "figures") && html`<${Foot} board=${board} now=${now} />`}`;
}

/** @param {{ board: Board, now: number }} props */
function Foot({ board, now }) {
  const isQueue = ui.view === "queue";
  // While the gateway is away nothing is seen, so nothing is counted either.
  const until = board.link === "lost" ? Math.min(now, board.linkSince - board.skew) : now;
  return html`<footer class="foot">
    <${Inspector} board=${board} isAlone=${!isQueue || !hasControls()} />
    ${isQueue && html`<${Controls} queue=${board.queue} now=${until} />`}
  </footer>`;
}

/** @param {{ board: Board, now: number }} props */
function View({ board, now }) {
  const { view, subject } = ui;
  // The other views draw themselves when they have something new.
  const other = useMemo(() => otherView(view, subject), [view, subject]);
  return other ?? html`<${QueueView} board=${board} now=${now} />`;
}

/** @param {import("./parts/ui.js").ViewName} view @param {string} subject */
function otherView(view, subject) {
  if (view === "flower") return html`<${FlowerView} id=${subject} />`;
  if (view === "figures") return html`<${FiguresView} />`;
  if (view === "results") return html`<${ResultsView} />`;
  if (view === "dead-letters") return html`<${DeadLettersView} />`;
  return undefined;
}

/** @param {{ board: Board }} props */
function Header({ board: { link, queue } }) {
  const isKafkaAway = link === "live" && queue?.kafka === "away";
  const links = Object.entries(VIEWS).map(
    ([name, title]) =>
      html`<a href="#${name}" aria-current=${name === ui.view ? "page" : undefined}>${title}</a>`,
  );
  const lives = isKafkaAway ? "live, without Kafka" : link;
  const state = ui.frozen ? `paused at ${clock(ui.frozen.now).slice(0, 8)}` : lives;
  return html`<header class="top">
    <a class="brand" href="#queue">Iris stages</a>
    <nav aria-label="Views">${links}</nav>
    <span class="where">${queue ? shown(queue.brokers) : ""}</span>
    <span class="link ${ui.frozen ? "paused" : link} ${isKafkaAway ? "away" : ""}">${state}</span>
    <button type="button" aria-pressed=${ui.frozen !== undefined} onClick=${freezeOrGoOn}>
      ${ui.frozen ? "Go on" : "Pause"}
    </button>
    <a class="button" href="/wall">Wall</a>
  </header>`;
}

/** What can be explained is a button with the name of its source. @param {Event} event */
function explain({ target }) {
  const button = target instanceof Element ? target.closest("[data-source], [data-partition]") : null;
  if (!(button instanceof HTMLElement)) return;
  const { source, partition } = button.dataset;
  inspect(source ?? Number(partition));
}
