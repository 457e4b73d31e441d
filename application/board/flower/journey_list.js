/**
 * The steps of a task, from Kafka to the database.
 * @import { Step, Task } from "./journey.js"
 * @import { Known } from "./use_task.js"
 */
import { clock, exact, shown } from "../parts/format.js";
import { html } from "../parts/html.js";
import { Command } from "../parts/inspector.js";
import { spansOf, stepsOf } from "./journey.js";

/** @param {Known & { task: Task }} props */
export function Journey(props) {
  const { task } = props;
  const steps = stepsOf(props, location.origin);
  const start = steps[0]?.at;
  return html`<div>
    <p>Task <code>${shown(task.task_id)}</code></p>
    <ol class="steps">
      ${steps.map((step) => html`<${StepItem} step=${step} start=${start} species=${task.species} />`)}
    </ol>
    <${Spans} task=${task} />
  </div>`;
}

/** @param {{ step: Step, start: number | undefined, species: Task["species"] }} props */
function StepItem({ step: { name, state, words, at, command }, start, species }) {
  const after = at === undefined || start === undefined || at === start ? "" : `+ ${exact(at - start)}`;
  const colour = name === "answered" && species && html`<i class="block ${species}"></i>`;
  return html`<li class=${state} aria-current=${state === "now" ? "step" : undefined}>
    <strong>${name}</strong>
    <p>${colour} ${words}</p>
    <span class="when n">${at === undefined ? "" : clock(at)}</span>
    <span class="after n">${after}</span>
    ${state !== "never" && html`<${Command} text=${command} />`}
  </li>`;
}

/** @param {{ task: Task }} props */
function Spans({ task }) {
  const spans = spansOf(task).map((span) => ({ ...span, look: `span-${span.name.replaceAll(" ", "-")}` }));
  if (spans.length === 0) return undefined;
  return html`<div class="spans" aria-hidden="true">
      ${spans.map(({ look, share }) => html`<i class=${look} style=${{ flexGrow: share }}></i>`)}
    </div>
    <dl class="span-key">
      ${spans.map(
        ({ name, look, ms }) => html`<div>
          <dt><i class=${look}></i> ${name}</dt>
          <dd class="n">${exact(ms)}</dd>
        </div>`,
      )}
    </dl>`;
}
