/**
 * One flower's journey: four measurements, and what becomes of that one task.
 * @import { Flower } from "../parts/flowers.js"
 * @import { Typed } from "./typed.js"
 */
import { ask, Refusal } from "../parts/api.js";
import { FIELDS, randomFlowers } from "../parts/flowers.js";
import { html, useRef, useState } from "../parts/html.js";
import { IrisDrawing } from "./iris_drawing.js";
import { Journey } from "./journey_list.js";
import { drawable, labelOf, refusalInWords, toBody } from "./typed.js";
import { useTask } from "./use_task.js";

const FIRST = { sepal_length: "6", sepal_width: "3", petal_length: "4", petal_width: "1" };

/** @param {{ id: string }} props The task of the address, "" if there is none. */
export function FlowerView({ id }) {
  const [typed, setTyped] = useState(/** @type {Typed} */ (FIRST));
  const [refusal, setRefusal] = useState(
    /** @type {{ field?: string, text: string } | undefined} */ (undefined),
  );
  const lengths = useRef(/** @type {Partial<Flower>} */ ({}));
  lengths.current = drawable(typed, lengths.current);
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
      const { message } = /** @type {Error} */ (reason);
      const field = reason instanceof Refusal ? reason.problem.field : undefined;
      setRefusal({ ...(field && { field }), text: refusalInWords(message, field, flower) });
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
  const wrong = refusal?.field;
  return html`<div class="flower">
    <h1>One flower's journey</h1>
    <form onSubmit=${submit}>
      ${FIELDS.map(
        (field) => html`<label class=${wrong === field ? "wrong" : ""}>
          ${labelOf(field)}, cm
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
      <p id="refusal" role="alert">${refusal?.text ?? ""}</p>
    </form>
    <div class="journey">
      <${IrisDrawing} flower=${task?.X ?? lengths.current} species=${task?.species} />
      ${
        task === undefined
          ? html`<p class="soft">${empty}</p>`
          : html`<${Journey} ...${known} task=${task} />`
      }
    </div>
  </div>`;
}
