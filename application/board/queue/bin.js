/** What no worker could read falls in here. */

import { FigureName } from "../parts/figure_name.js";
import { count } from "../parts/format.js";
import { html } from "../parts/html.js";

/** So many fill it. */
const FULL = 20;

/** @param {{ count: number }} props */
export function Bin({ count: letters }) {
  const y = 32 - 22 * Math.min(1, letters / FULL);
  const inset = 8.5 - (4.5 * (32 - y)) / 26;
  return html`<div class="bin ${letters > 0 ? "full" : ""}">
    <svg viewBox="0 0 40 34" aria-hidden="true" data-bin>
      <path class="bin-level" d="M${inset} ${y} 8.5 32h23L${40 - inset} ${y}z" />
      <path class="bin-body" d="M4 6 8.5 32h23L36 6" />
    </svg>
    <strong class="n">${count(letters)}</strong>
    <${FigureName} of="dead_letters">${letters === 1 ? "dead letter" : "dead letters"}<//>
  </div>`;
}
