/**
 * What the persister has stored: counts, petals, the table.
 * @import { Counts } from "../../gateway/results/counts.ts"
 * @import { ResultJson } from "../../gateway/results/shape.ts"
 */
import { clock, count, shown } from "../parts/format.js";
import { html, useState } from "../parts/html.js";
import { Command } from "../parts/inspector.js";
import { SPECIES } from "../parts/species.js";
import { useFresh } from "../parts/use_fresh.js";
import { ResultRows } from "./result_rows.js";
import { Scatter } from "./scatter.js";

/** The newest are drawn; a page of the table shows some of them. */
const DRAWN = 500;

/** @typedef {{ results: ResultJson[], next?: string, counts: Counts }} Page */

/** The persister's table: counts, a picture of the petals, and the rows. */
export function ResultsView() {
  const [species, setSpecies] = useState("");
  const query = species === "" ? "" : `species=${species}`;
  /** @type {import("../parts/use_fresh.js").Fresh<Page>} */
  const { answer, error, at, isMissing } = useFresh(
    `/results?limit=${DRAWN}${query && `&${query}`}`,
    ({ totals }) => totals.stored,
  );
  const csv = `/results.csv${query && `?${query}`}`;
  return html`<div class="results">
    <h1>Results</h1>
    <p class="soft">
      From the persister's SQLite database, as <code>npx tsx 4_message_queue/history.ts</code> shows it
      ${at === undefined ? "" : html`, at <span class="n">${clock(at).slice(0, 8)}</span>`}.
    </p>
    ${error && html`<p role="alert">${error}</p>`}
    ${
      isMissing &&
      html`<p>
        No persister has made a database here yet. <${Command} text="npx tsx 5_task_queue/persister.ts" />
      </p>`
    }
    ${
      answer &&
      html`<div class="results-top">
          <${CountTable} counts=${answer.counts} />
          <${Scatter} results=${answer.results} />
        </div>
        <form class="line">
          <label>Species <select
            value=${species}
            onChange=${(/** @type {{ target: HTMLSelectElement }} */ { target }) => setSpecies(target.value)}
          >
            <option value="">all</option>
            ${SPECIES.map((name) => html`<option value=${name}>${name}</option>`)}
          </select></label>
          <a href=${csv} download>All as CSV</a>
        </form>
        <${ResultRows} results=${answer.results} />`
    }
  </div>`;
}

/** @param {{ counts: Counts }} props */
function CountTable({ counts }) {
  const most = Math.max(1, ...Object.values(counts));
  const rows = Object.entries(counts).filter(
    ([name, many]) => many > 0 || SPECIES.includes(/** @type {never} */ (name)),
  );
  return html`<table class="counts">
    <caption>How many of each</caption>
    <tbody>
      ${rows.map(
        ([name, many]) => html`<tr>
          <th scope="row">${shown(name)}</th>
          <td class="n">${count(many)}</td>
          <td><i class="bar ${name}" style=${{ width: `calc(min(12rem, 40vw) * ${many / most})` }}></i></td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}
