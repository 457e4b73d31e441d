/**
 * The queue as it moves: what waits, who works on what, who is missing.
 * @import { Board } from "../live/store.js"
 */
import { html } from "../parts/html.js";
import { Command } from "../parts/inspector.js";
import { SPECIES } from "../parts/species.js";
import { ui } from "../parts/ui.js";
import { Bin } from "./bin.js";
import { hintOf } from "./hints.js";
import { Lanes } from "./lanes.js";
import { Timeline } from "./timeline.js";
import { Totals } from "./totals.js";
import { looksOf, Workers } from "./workers.js";

/** @param {{ board: Board, now: number }} props */
export function QueueView({ board, now }) {
  const { queue } = board;
  const hint = hintOf(board, now, location.host);
  const command = hint?.command;
  // Only what does not count seconds is read out.
  const says = html`<div class="hint ${hint?.isTrouble ? "trouble" : ""}" role=${hint?.isTrouble && "status"}>
    ${hint && html`<p>${hint.text}</p>`}
    ${command && (ui.isWall ? html`<code>${command}</code>` : html`<${Command} text=${command} />`)}
  </div>`;
  if (queue === undefined) return html`<div class="queue"><h1 class="hidden">Queue</h1>${says}</div>`;
  const looks = looksOf(queue, board.timeline);
  const isStale = board.link === "lost" || queue.kafka === "away";
  return html`<div class="queue ${isStale ? "stale" : ""}">
    <h1 class="hidden">Queue</h1>
    <${Totals} queue=${queue} samples=${board.samples} now=${now} />
    ${says}
    <ul class="species-key" aria-label="Colours of the species">
      ${SPECIES.map((name) => html`<li><i class="block ${name}"></i>${name}</li>`)}
    </ul>
    <${Lanes} queue=${queue} blocks=${board.timeline} looks=${looks} now=${now} />
    <aside class="side" aria-label="Workers and dead letters">
      <${Workers} queue=${queue} looks=${looks} now=${now} />
      <${Bin} count=${queue.totals.dead_letters} />
    </aside>
    <${Timeline} queue=${queue} blocks=${board.timeline} looks=${looks} now=${now} />
  </div>`;
}
