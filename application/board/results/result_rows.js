/**
 * The table of the results, the newest first.
 * @import { ResultJson } from "../../gateway/results/shape.ts"
 */

import { FIELDS } from "../parts/flowers.js";
import { clock, count, plural, shown } from "../parts/format.js";
import { html, useState } from "../parts/html.js";
import { TaskLink } from "../parts/task_link.js";

const PAGE = 25;

/** @param {{ results: readonly ResultJson[] }} props */
export function ResultRows({ results }) {
  const [shownRows, setShownRows] = useState(PAGE);
  const rows = results.slice(0, shownRows);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Results, the newest first">
      <table class="rows">
        <thead><tr>
          <th scope="col" class="n">row</th><th scope="col">stored</th><th scope="col">task</th>
          ${FIELDS.map((field) => html`<th scope="col" class="n">${field.replace("_", " ")}</th>`)}
          <th scope="col">became</th><th scope="col">worker</th>
          <th scope="col" class="n">offset in results</th>
        </tr></thead>
        <tbody>
          ${rows.map((result) => html`<${Row} key=${`${result.status} ${result.row}`} result=${result} />`)}
        </tbody>
      </table>
    </div>
    <p>
      ${plural(rows.length, "row")} of the newest ${count(results.length)}.
      ${
        rows.length < results.length &&
        html` <button type="button" onClick=${() => setShownRows(shownRows + 4 * PAGE)}>Show more</button>`
      }
    </p>`;
}

/** @param {{ result: ResultJson }} props */
function Row({ result: { row, stored_at, task_id, X, species, status, error, worker, offset } }) {
  return html`<tr>
    <td class="n">${count(row)}</td>
    <td class="n">${clock(stored_at)}</td>
    <td>${task_id && html`<${TaskLink} id=${task_id} />`}</td>
    ${FIELDS.map((field) => html`<td class="n">${X?.[field]}</td>`)}
    <td><i class="block ${species ?? status}"></i> ${species ?? shown(error?.message ?? status)}</td>
    <td>${worker && shown(worker)}</td>
    <td class="n">${count(offset)}</td>
  </tr>`;
}
