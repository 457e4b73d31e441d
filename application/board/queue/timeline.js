/**
 * The last minute: a row a worker, a block a task, a line at each rebalance with its cause in words. It is
 * painted on a canvas, since it holds up to thousands of blocks and moves; a table tells the same.
 * @import { Block, QueueState } from "../../gateway/live/wire.ts"
 */

import { FigureName } from "../parts/figure_name.js";
import { count, plural, shortName, shown } from "../parts/format.js";
import { html, useLayoutEffect, useRef, useState } from "../parts/html.js";
import { ui } from "../parts/ui.js";
import { paint } from "./paint_timeline.js";
import { layLines, layRows, rowNames } from "./timeline_layout.js";
import { TimelineTable } from "./timeline_table.js";
import { Mark } from "./workers.js";

/** Rows. The wall has no room below. */
const MOST = 12;
const MOST_ON_WALL = 6;

/** @param {{ queue: QueueState, blocks: readonly Block[], looks: Map<string, number>, now: number }} props */
export function Timeline({ queue, blocks, looks, now }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [isTable, setTable] = useState(false);
  const { names, rest } = rowNames(blocks, queue, now, ui.isWall ? MOST_ON_WALL : MOST);
  const gone = new Set(queue.workers.filter(({ state }) => state === "gone").map(({ name }) => name));

  useLayoutEffect(() => {
    if (canvas.current === null) return;
    const width = canvas.current.clientWidth;
    paint(canvas.current, layRows(names, blocks, queue, now, width), layLines(queue.rebalances, now, width));
  });

  const rows = names.map(
    (name) => html`<li key=${name}>
      <${Mark} look=${looks.get(name) ?? 0} state=${gone.has(name) ? "gone" : "working"} />
      <span title=${shown(name)}>${shortName(name)}</span>
    </li>`,
  );
  const more = rest > 0 && html`<li class="soft">and ${count(rest)} more</li>`;
  const toggle = html`<button type="button" aria-expanded=${isTable} onClick=${() => setTable(!isTable)}>
    As a table
  </button>`;
  const workers = plural(names.length + rest, "worker");
  const inWords = `The last minute: ${workers}, ${plural(blocks.length, "task")}`;
  return html`<section class="timeline" style=${measures(names.length + (rest > 0 ? 1 : 0))}>
    <div class="timeline-names">
      <h2><${FigureName} of="timeline">last minute<//></h2>
      <ul>${rows} ${more}</ul>
      ${!ui.isWall && toggle}
    </div>
    <div class="timeline-picture">
      <canvas ref=${canvas} role="img" aria-label=${inWords}></canvas>
      <div class="nows" aria-hidden="true">
        ${names.map((name) => html`<i key=${name} data-now=${name}></i>`)}
      </div>
    </div>
    ${isTable && html`<${TimelineTable} queue=${queue} blocks=${blocks} now=${now} />`}
  </section>`;
}

/**
 * For timeline.css: how many rows, and how tall each is in em. With many workers they are lower.
 * @param {number} rows
 */
function measures(rows) {
  const [least, most, all] = ui.isWall ? [1.05, 1.6, 6.5] : [1.25, 1.75, 10];
  return { "--rows": Math.max(1, rows), "--row": Math.min(most, Math.max(least, all / Math.max(1, rows))) };
}
