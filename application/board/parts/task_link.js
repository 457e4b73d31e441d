/** The first four characters of a task's id; they lead to its journey. */
import { shortId } from "./format.js";
import { html } from "./html.js";

/** @param {{ id: string }} props */
export function TaskLink({ id }) {
  return html`<a href="#flower/${encodeURIComponent(id)}" title=${id}><code>${shortId(id)}</code></a>`;
}
