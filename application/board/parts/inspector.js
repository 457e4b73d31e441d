/**
 * The line at the foot of the page: where a figure comes from, and the command that prints the same.
 * @import { Board } from "../live/store.js"
 */
import { count, shortId } from "./format.js";
import { html, useState } from "./html.js";
import { sourceOf } from "./sources.js";
import { inspect, ui } from "./ui.js";

/** @param {{ board: Board, isAlone: boolean }} props `isAlone`: nothing else stands at the page's foot. */
export function Inspector({ board, isAlone }) {
  const explained = ui.inspected === undefined ? undefined : explain(board, ui.inspected);
  const invitation = isAlone ? "Where does a figure come from? Choose its name." : "";
  return html`<div class="inspector ${explained ? "open" : ""}" id="inspector">
    <p role="status" class=${explained ? "" : "soft"}>
      ${explained ? html`<strong>${explained.title}</strong> ${explained.from}` : invitation}
    </p>
    ${
      explained &&
      html`<${Command} text=${explained.command} />
        <button type="button" onClick=${() => inspect(ui.inspected ?? "")}>Close</button>`
    }
  </div>`;
}

/** @param {Board} board @param {string | number} what */
function explain({ queue }, what) {
  const { origin } = location;
  if (typeof what === "string") return sourceOf(what, origin);
  const lane = queue?.lanes[what];
  if (lane === undefined) return undefined;
  const { partition, committed, end, waiting, next } = lane;
  const ids = next.map(shortId).join(" ");
  const rest = waiting > next.length ? ` and ${count(waiting - next.length)} more` : "";
  const from =
    `is read from offset ${count(committed)} on and ends before ${count(end)}. ` +
    (waiting === 0 ? "Nothing waits." : `${count(waiting)} wait, oldest first: ${ids}${rest}`);
  return { title: `Partition ${partition}`, from, command: `curl -s ${origin}/queue` };
}

/** A command to be copied. @param {{ text: string }} props */
export function Command({ text }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // A page that did not come over HTTPS or from this machine may not copy; the text can be selected.
      () => setCopied(false),
    );
  return html`<span class="command"><code>${text}</code>
    <button type="button" onClick=${copy} aria-label="Copy the command">
      ${isCopied ? "Copied" : "Copy"}
    </button>
  </span>`;
}
