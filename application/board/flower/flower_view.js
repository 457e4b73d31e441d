/**
 * One flower's journey: four measurements, and what becomes of that one task.
 * @import { Flower } from "../parts/flowers.js"
 */
import { ask, Refusal } from "../parts/api.js";
import { FIELDS, randomFlowers } from "../parts/flowers.js";
import { html, useState } from "../parts/html.js";
import { IrisDrawing } from "./iris_drawing.js";
import { Journey } from "./journey_list.js";
import { useTask } from "./use_task.js";

/** @typedef {Record<(typeof FIELDS)[number], string>} Typed As it stands in the fields. */

const FIRST = { sepal_length: "6", sepal_width: "3", petal_length: "4", petal_width: "1" };

/** @param {{ id: string }} props The task of the address, "" if there is none. */
export function FlowerView({ id }) {
  const [typed, setTyped] = useState(/** @type {Typed} */ (FIRST));
  const [refusal, setRefusal] = useState(/** @type {Error | undefined} */ (undefined));
  const known = useTask(id);
  const { task, error } = known;

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    void send(typed);
  }

  /** @param {Typed} flower */
  async function send(flower) {
    setRefusal(undefined);
    try {
      /** @type {{ task_id: string }} */
      const accepted = await ask("/tasks", { method: "POST", body: toBody(flower) });
      location.hash = `#flower/${encodeURIComponent(accepted.task_id)}`;
    } catch (reason) {
      setRefusal(/** @type {Error} */ (reason));
    }
  }

  function takeRandom() {
    const [flower] = randomFlowers(1);
    if (flower === undefined) return;
    const values = /** @type {Typed} */ (
      Object.fromEntries(FIELDS.map((field) => [field, String(flower[field])]))
    );
    setTyped(values);
    void send(values);
  }

  const empty = id === "" ? "Ask, and follow the task through Kafka." : (error ?? "Looking.");
  const wrong = refusal instanceof Refusal ? refusal.problem.field : undefined;
  const drawn = task?.X ?? numbersOf(typed);
  return html`<div class="flower">
    <h1>One flower's journey</h1>
    <form onSubmit=${submit}>
      ${FIELDS.map(
        (field) => html`<label class=${wrong === field ? "wrong" : ""}>
          ${field.replace("_", " ")}, cm
          <input
            name=${field} inputmode="decimal" autocomplete="off" required value=${typed[field]}
            aria-invalid=${wrong === field} aria-describedby="refusal"
            onInput=${(/** @type {{ target: HTMLInputElement }} */ { target }) =>
              setTyped({ ...typed, [field]: target.value })}
          />
        </label>`,
      )}
      <button type="submit" class="main">Ask</button>
      <button type="button" onClick=${takeRandom}>Take a random flower</button>
      <p id="refusal" role="alert">${refusal?.message ?? ""}</p>
    </form>
    <div class="journey">
      <${IrisDrawing} flower=${drawn} species=${task?.species} />
      ${
        task === undefined
          ? html`<p class="soft">${empty}</p>`
          : html`<${Journey} ...${known} task=${task} />`
      }
    </div>
  </div>`;
}

/** What is no number goes as it was typed: the gateway says what it expects. @param {Typed} typed */
function toBody(typed) {
  const value = (/** @type {string} */ text) =>
    text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
  return Object.fromEntries(FIELDS.map((field) => [field, value(typed[field])]));
}

/** @param {Typed} typed @returns {Partial<Flower>} */
function numbersOf(typed) {
  return Object.fromEntries(FIELDS.map((field) => [field, Number(typed[field])]));
}
