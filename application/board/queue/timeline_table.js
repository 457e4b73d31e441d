/**
 * What the time line shows, in words: the last tasks and rebalances.
 * @import { Block, QueueState } from "../../gateway/live/wire.ts"
 */
import { clock, count, exact, plural, shown } from "../parts/format.js";
import { html } from "../parts/html.js";
import { TaskLink } from "../parts/task_link.js";
import { inWords, SPAN_MS } from "./timeline_layout.js";

const MOST = 100;

/** @param {{ queue: QueueState, blocks: readonly Block[], now: number }} props */
export function TimelineTable({ queue, blocks, now }) {
  const last = blocks.slice(-MOST).reverse();
  const rebalances = queue.rebalances.filter(({ at }) => at > now - SPAN_MS);
  return html`<div class="timeline-table" tabindex="0" role="group" aria-label="The last minute as tables">
    <table>
      <caption>The latest ${count(last.length)} of ${plural(blocks.length, "answer")}</caption>
      <thead><tr>
        <th scope="col">task</th><th scope="col">worker</th><th scope="col">became</th>
        <th scope="col" class="n">begun</th><th scope="col" class="n">took</th>
        <th scope="col" class="n">partition</th><th scope="col" class="n">offset</th>
      </tr></thead>
      <tbody>
        ${last.map(
          ({ id, worker, outcome, started_at, duration_ms, partition, offset }) => html`<tr key=${id}>
            <td><${TaskLink} id=${id} /></td>
            <td>${shown(worker ?? "unknown")}</td>
            <td><i class="block ${outcome}"></i> ${outcome.toLowerCase()}</td>
            <td class="n">${started_at === undefined ? "" : clock(started_at)}</td>
            <td class="n">${duration_ms === undefined ? "" : exact(duration_ms)}</td>
            <td class="n">${partition ?? ""}</td><td class="n">${offset ?? ""}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <table>
      <caption>${plural(rebalances.length, "rebalance")}</caption>
      <thead><tr><th scope="col">when</th><th scope="col">what</th></tr></thead>
      <tbody>
        ${rebalances.map(
          (rebalance) =>
            html`<tr><td class="n">${clock(rebalance.at)}</td><td>${inWords(rebalance, now)}</td></tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
