/**
 * Only where the application started the workers: send flowers, send rubbish, add a worker, stop or kill one.
 * Beside them stands what was seen of it.
 * @import { QueueState } from "../../gateway/live/wire.ts"
 */
import { ask } from "../parts/api.js";
import { plural } from "../parts/format.js";
import { html, useEffect, useState } from "../parts/html.js";
import { redraw } from "../parts/ui.js";
import { actionInWords } from "./action_words.js";
import { act, latestActions } from "./use_actions.js";

const COUNTS = [1, 24, 500];

/** Whether this gateway has controls: asked once. @type {boolean | undefined} */
let isAvailable;
/** Whether the gateway has said that it has controls. */
export const hasControls = () => isAvailable === true;

/** @param {{ queue: QueueState | undefined, now: number }} props */
export function Controls({ queue, now }) {
  useEffect(() => {
    if (isAvailable !== undefined) return;
    /** @type {Promise<{ available: boolean }>} */
    const answer = ask("/controls");
    answer.then(
      ({ available }) => {
        isAvailable = available;
        redraw();
      },
      () => {},
    );
  }, []);
  if (!isAvailable || queue === undefined) return undefined;
  const actions = latestActions();
  // What counts seconds is not read out.
  const done = actions.find(({ endedAt, error }) => (endedAt ?? error) !== undefined);
  return html`<section class="controls" aria-label="Controls">
    <div class="buttons">
      <span role="group" aria-label="Send random flowers">
        Send
        ${COUNTS.map((count) => html`<${SendButton} count=${count} />`)}
        random flowers
      </span>
      <button type="button" onClick=${() => act({ kind: "rubbish" }, "rubbish")}>Send rubbish</button>
      <${WorkerControls} queue=${queue} />
    </div>
    <ul class="seen n">
      ${actions.map((action) => html`<li key=${action.at}>${actionInWords(action, now)}</li>`)}
      ${actions.length === 0 && html`<li class="soft">What becomes of it is said here.</li>`}
    </ul>
    <p class="hidden" role="status">${done && actionInWords(done, now)}</p>
  </section>`;
}

/** @param {{ count: number }} props */
function SendButton({ count }) {
  const send = () => act({ kind: "send", count }, "tasks", { count });
  return html`<button type="button" aria-label="Send ${plural(count, "random flower")}" onClick=${send}>
    ${count}
  </button>`;
}

/** @param {{ queue: QueueState }} props */
function WorkerControls({ queue: { workers } }) {
  const [chosen, setChosen] = useState("");
  const names = workers
    .filter(({ state, pid }) => state !== "gone" && pid !== undefined)
    .map(({ name }) => name);
  const worker = names.includes(chosen) ? chosen : (names[0] ?? "");
  /** @param {"stop" | "kill"} kind */
  const end = (kind) => () => act({ kind, worker }, `workers/${encodeURIComponent(worker)}/${kind}`);
  return html`<button type="button" onClick=${() => act({ kind: "add" }, "workers")}>Add a worker</button>
    <span role="group" aria-label="End a worker">
      <select
        aria-label="Worker" value=${worker} disabled=${worker === ""}
        onChange=${(/** @type {{ target: HTMLSelectElement }} */ { target }) => setChosen(target.value)}
      >
        ${names.map((name) => html`<option value=${name}>${name}</option>`)}
      </select>
      <button type="button" disabled=${worker === ""} onClick=${end("stop")}>Stop</button>
      <button type="button" disabled=${worker === ""} onClick=${end("kill")}>Kill</button>
    </span>`;
}
