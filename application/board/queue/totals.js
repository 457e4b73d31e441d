/**
 * The first line: how much waits, and whether it gets better or worse.
 * @import { QueueState } from "../../gateway/live/wire.ts"
 * @import { Sample } from "../live/store.js"
 */

import { FigureName } from "../parts/figure_name.js";
import { count, duration, rate } from "../parts/format.js";
import { html } from "../parts/html.js";
import { SPAN_MS } from "./timeline_layout.js";
import { curveOf, trendOf } from "./trend.js";

/** @param {{ queue: QueueState, samples: readonly Sample[], now: number }} props */
export function Totals({ queue: { totals }, samples, now }) {
  const { waiting, in_progress, answered, per_second, failed, cancelled, stored, oldest_at } = totals;
  const age = oldest_at === undefined ? "none" : duration(now - oldest_at);
  const trend = trendOf(samples, totals);
  return html`<section class="totals" aria-label="Totals">
    <div class="waits">
      <strong class="n">${count(waiting)}</strong>
      <div>
        <${FigureName} of="waiting">waiting<//>
        <svg class="curve" viewBox="0 -0.06 1 1.1" preserveAspectRatio="none" aria-hidden="true">
          <polyline points=${curveOf(samples, now, SPAN_MS)} />
        </svg>
        <span class="trend ${trend.way}">${trend.words}</span>
      </div>
    </div>
    <${Figure} of="in_progress" value=${count(in_progress)}>in progress<//>
    <${Figure} of="answered" value=${count(answered)} beside=${`${rate(per_second)} a second`}>answered<//>
    <${Figure} of="oldest_seconds" value=${age}>oldest<//>
    ${stored !== undefined && html`<${Figure} of="stored" value=${count(stored)}>stored<//>`}
    ${failed > 0 && html`<${Figure} of="failed" value=${count(failed)}>failed<//>`}
    ${cancelled > 0 && html`<${Figure} of="cancelled" value=${count(cancelled)}>cancelled<//>`}
  </section>`;
}

/** @param {{ of: string, value: string, beside?: string, children?: unknown }} props */
function Figure({ of, value, beside = "", children }) {
  return html`<div class="figure">
    <strong class="n">${value}</strong>
    <${FigureName} of=${of}>${children}<//>
    <small>${beside}</small>
  </div>`;
}
