/**
 * A figure: its value now, its curves, a table behind them, and where it comes from.
 * @import { Figures } from "../../gateway/figures/figures_schema.ts"
 * @import { FigureKind } from "./kinds.js"
 */
import { clock } from "../parts/format.js";
import { html, useState } from "../parts/html.js";
import { layChart } from "./chart_layout.js";

/** @param {{ kind: FigureKind, figures: Figures }} props */
export function Chart({ kind, figures }) {
  const [isTable, setTable] = useState(false);
  const { sources } = figures;
  const { top, curves } = layChart(kind, figures, kind.present?.(figures));
  const words = `${kind.title}, the last ten minutes, from 0 to ${kind.write(top)}; the table has the values`;
  const lines = curves.flatMap(({ pieces }, index) =>
    pieces.map((points) => html`<polyline class="curve-${index}" points=${points} />`),
  );
  return html`<section class="chart">
    <h2>${kind.title}</h2>
    <p class="value n">${kind.now(figures)} <small>${kind.period}</small></p>
    <div class="plot">
      <span class="most n" aria-hidden="true">${kind.write(top)}</span>
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" role="img" aria-label=${words}>${lines}</svg>
    </div>
    <p class="axis" aria-hidden="true"><span>10 min ago</span><span>now</span></p>
    ${curves.length > 1 && html`<${Key} names=${curves.map(({ name }) => name)} />`}
    <p class="line">
      <code>${sources[kind.of] ?? "curl -s /figures"}</code>
      <button type="button" aria-expanded=${isTable} onClick=${() => setTable(!isTable)}>As a table</button>
    </p>
    ${isTable && html`<${ChartTable} kind=${kind} figures=${figures} />`}
  </section>`;
}

/** @param {{ names: readonly string[] }} props */
function Key({ names }) {
  return html`<ul class="curve-key">
    ${names.map(
      (name, index) => html`<li>
        <svg viewBox="0 0 24 4" aria-hidden="true"><path class="curve-${index}" d="M0 2H24" /></svg> ${name}
      </li>`,
    )}
  </ul>`;
}

/** @param {{ kind: FigureKind, figures: Figures }} props */
function ChartTable({ kind: { title, curves, write }, figures: { buckets, bucket_seconds } }) {
  const rows = buckets.slice(0, -1).reverse();
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title} as a table">
    <table class="rows">
      <thead><tr>
        <th scope="col">from</th>
        ${Object.keys(curves).map((name) => html`<th scope="col" class="n">${name}</th>`)}
      </tr></thead>
      <tbody>
        ${rows.map(
          (bucket) => html`<tr>
            <th scope="row" class="n">${clock(bucket.at).slice(0, 8)}</th>
            ${Object.values(curves).map((read) => {
              const value = read(bucket, bucket_seconds);
              return html`<td class="n">${value === undefined ? "" : write(value)}</td>`;
            })}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
