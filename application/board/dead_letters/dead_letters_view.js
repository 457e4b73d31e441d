/**
 * What no worker could read: why, its bytes, and a way back into the queue.
 * @import { LetterJson } from "../../dead_letters/letter.ts"
 */
import { clock, count, plural, shown } from "../parts/format.js";
import { html } from "../parts/html.js";
import { useFresh } from "../parts/use_fresh.js";
import { bytesOf } from "./bytes.js";
import { Replay } from "./replay.js";

const RUBBISH = "npx tsx 4_message_queue/send_raw.ts rubbish";

/** @typedef {{ dead_letters: LetterJson[], next?: string, total: number }} Letters */

/** What no worker could read: why, its bytes, and its way back into the queue. */
export function DeadLettersView() {
  /** @type {import("../parts/use_fresh.js").Fresh<Letters> & { again: () => void }} */
  const { answer, error, again } = useFresh("/dead-letters?limit=50", (queue) => queue.totals.dead_letters);
  return html`<div class="letters">
    <h1>Dead letters</h1>
    <p class="soft">
      Messages of <code>tasks-dlt</code>, as <code>npm run dead-letters</code> lists them. A worker sets aside
      what it cannot read, so that neither it is lost nor what stands behind it waits.
    </p>
    ${error && html`<p role="alert">${error}</p>`}
    ${answer?.total === 0 && html`<p>None. To see one: <code>${RUBBISH}</code></p>`}
    <ol>
      ${answer?.dead_letters.map(
        (letter) =>
          html`<${Letter} key=${`${letter.partition}/${letter.offset}`} letter=${letter} again=${again} />`,
      )}
    </ol>
    ${
      answer?.next !== undefined &&
      html`<p>The newest ${answer.dead_letters.length} of ${plural(answer.total, "dead letter")}.</p>`
    }
  </div>`;
}

/** @param {{ letter: LetterJson, again: () => void }} props */
function Letter({ letter, again }) {
  const { partition, offset, reason, original, set_aside_at, size } = letter;
  const from = original.partition === undefined ? "" : `partition ${original.partition}`;
  const where = original.offset === undefined ? from : `${from}, offset ${count(original.offset)}`;
  const aside = set_aside_at === undefined ? "" : `, set aside at ${clock(set_aside_at)}`;
  return html`<li>
    <p class="reason">${shown(reason)}</p>
    <p class="soft">
      Dead letter ${partition}/${offset}${aside}; it lay in ${shown(original.topic ?? "tasks")}, ${where};
      ${" "}${size === undefined ? "no value" : plural(size, "byte")}
    </p>
    <pre tabindex="0" aria-label="Its bytes">${bytesOf(letter)}</pre>
    <${Replay} letter=${letter} again=${again} />
  </li>`;
}
