/**
 * Puts a dead letter back into the queue as a new task, as it was or edited.
 * @import { LetterJson } from "../../dead_letters/letter.ts"
 */
import { ask, Refusal } from "../parts/api.js";
import { count } from "../parts/format.js";
import { html, useState } from "../parts/html.js";
import { TaskLink } from "../parts/task_link.js";
import { toBody, toEdit } from "./bytes.js";

const EXAMPLE = "6, 3, 4, 1";
const QUIET = { text: "", isRefused: false };

/** @param {{ letter: LetterJson, again: () => void }} props */
export function Replay({ letter, again }) {
  const { partition, offset, replayed_as } = letter;
  const [edited, setEdited] = useState(/** @type {string | undefined} */ (undefined));
  const [said, setSaid] = useState(QUIET);
  const name = `edit-${partition}-${offset}`;

  async function send() {
    const isAgain = replayed_as === undefined ? "" : "?again=true";
    const body = edited === undefined ? {} : { body: toBody(edited) };
    try {
      /** @type {{ task_id: string, partition: number, offset: number }} */
      const task = await ask(`/dead-letters/${partition}/${offset}/replay${isAgain}`, {
        method: "POST",
        ...body,
      });
      const place = `partition ${task.partition}, offset ${count(task.offset)}`;
      setSaid({ text: `Sent as a new task: ${place}.`, isRefused: false });
      setEdited(undefined);
      again();
    } catch (error) {
      setSaid({ text: whyNot(error, edited), isRefused: true });
    }
  }

  /** What was said of another text holds no more. @param {string | undefined} text */
  function edit(text) {
    setEdited(text);
    setSaid(QUIET);
  }

  const editor = html`<label for=${name}>What it should have been: an object, or a line as ${EXAMPLE}</label>
    <textarea
      id=${name} rows="3" spellcheck="false" placeholder=${EXAMPLE} value=${edited}
      onInput=${(/** @type {{ target: HTMLTextAreaElement }} */ { target }) => setEdited(target.value)}
    ></textarea>`;
  return html`<div class="replay">
    ${replayed_as && html`<p>Replayed as task <${TaskLink} id=${replayed_as} />.</p>`}
    ${edited !== undefined && editor}
    <p class="line">
      <button type="button" onClick=${send}>${replayed_as === undefined ? "Replay" : "Replay again"}</button>
      ${
        edited === undefined
          ? html`<button type="button" onClick=${() => edit(toEdit(letter))}>Edit first</button>`
          : html`<button type="button" onClick=${() => edit(undefined)}>As it was</button>`
      }
      <span role="status" class=${said.isRefused ? "refused" : ""}>${said.text}</span>
    </p>
  </div>`;
}

/** @param {unknown} error @param {string | undefined} edited */
function whyNot(error, edited) {
  const isUnreadable = error instanceof Refusal && error.status === 422;
  if (isUnreadable && edited === undefined) return "No worker could read it now either: edit it first.";
  if (isUnreadable && edited?.trim() === "") return `Write what it should have been, such as ${EXAMPLE}.`;
  return /** @type {Error} */ (error).message;
}
