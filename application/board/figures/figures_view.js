/**
 * The last ten minutes in figures: each with its curve, a table, and the command that prints the same.
 * @import { Figures } from "../../gateway/figures/figures_schema.ts"
 * @import { Fresh } from "../parts/use_fresh.js"
 */

import { FigureName } from "../parts/figure_name.js";
import { clock, count } from "../parts/format.js";
import { html } from "../parts/html.js";
import { useFresh } from "../parts/use_fresh.js";
import { Chart } from "./chart.js";
import { KINDS } from "./kinds.js";

/** The sums since the log began, and a chart for each kind of figure. */
export function FiguresView() {
  /** @type {Fresh<Figures>} */
  const { answer, error } = useFresh("/figures", ({ as_of }) => as_of);
  return html`<div class="figures">
    <h1>Figures</h1>
    ${error && html`<p role="alert">${error}</p>`}
    ${answer && html`<${All} figures=${answer} />`}
  </div>`;
}

/** @param {{ figures: Figures }} props */
function All({ figures }) {
  const sums = Object.entries(figures.totals).map(
    ([name, many]) => html`<div>
      <dt><${FigureName} of=${name}>${name.replace("_", " ")}<//></dt>
      <dd class="n">${count(many ?? 0)}</dd>
    </div>`,
  );
  const charts = KINDS.map((kind) => html`<${Chart} key=${kind.of} kind=${kind} figures=${figures} />`);
  return html`<dl class="sums">${sums}</dl>
    <p class="soft">
      Above, since the log began; below, the last ten minutes, as of
      <span class="n"> ${clock(figures.as_of).slice(0, 8)}</span>. Under each picture stands the command that
      prints the same.
    </p>
    <div class="charts">${charts}</div>`;
}
