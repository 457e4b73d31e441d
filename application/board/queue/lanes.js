/**
 * A lane a partition: its owner, its tasks, and its offsets as Kafka has them.
 * @import { Block, Lane, QueueState } from "../../gateway/live/wire.ts"
 * @import { Frame } from "./track.js"
 */

import { FigureName } from "../parts/figure_name.js";
import { count, duration, plural, shortName, shown } from "../parts/format.js";
import { html, useCallback, useRef, useState } from "../parts/html.js";
import { ui } from "../parts/ui.js";
import { pickLanes } from "./pick_lanes.js";
import { Track } from "./track.js";
import { expectedMs } from "./track_layout.js";
import { Mark } from "./workers.js";

/** As in lanes.css. */
const narrow = matchMedia("(max-width: 44rem)");
/** With more partitions the page would hold too much, and the wall could not be read. */
const MOST = 48;
const MOST_ON_WALL = 14;
const COLUMNS = ["partition", "owner", "tasks", "offset", "offset", "wait", "age"];

/** @param {{ queue: QueueState, blocks: readonly Block[], looks: Map<string, number>, now: number }} props */
export function Lanes({ queue, blocks, looks, now }) {
  const { shown: lanes, rest, waiting } = pickLanes(queue.lanes, ui.isWall ? MOST_ON_WALL : MOST);
  const [track, width] = useWidth();
  const frame = { now, expected: expectedMs(blocks), width, isRoomy: !narrow.matches };
  // The roles are said, since on a narrow page the rows are laid out as grids.
  return html`<table class="lanes" role="table">
    <caption class="hidden">Partitions of the topic tasks</caption>
    <colgroup>${COLUMNS.map((name) => html`<col class="c-${name}" />`)}</colgroup>
    <thead role="rowgroup">
      <tr role="row">
        <th scope="col" role="columnheader" colspan="2"><${FigureName} of="lanes">partition, owner<//></th>
        <th scope="col" role="columnheader">in progress, then waiting, oldest first</th>
        <th scope="col" role="columnheader" class="n"><${FigureName} of="committed">committed<//></th>
        <th scope="col" role="columnheader" class="n"><${FigureName} of="end">end<//></th>
        <th scope="col" role="columnheader" class="n"><${FigureName} of="lane_waiting">waiting<//></th>
        <th scope="col" role="columnheader" class="n"><${FigureName} of="lane_oldest">oldest<//></th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${lanes.map((lane, index) => {
        // While nobody owns it, the task at its head is still that of the worker which has begun it.
        const look = looks.get(lane.owner ?? lane.current?.worker ?? "") ?? 0;
        const props = { key: lane.partition, lane, look, frame, track: index === 0 ? track : undefined };
        return html`<${LaneRow} ...${props} />`;
      })}
      ${
        rest > 0 &&
        html`<tr role="row" class="rest"><td role="cell" colspan="7">
          and ${plural(rest, "partition")} more, in which ${count(waiting)} wait
        </td></tr>`
      }
    </tbody>
  </table>`;
}

/** @param {{ lane: Lane, look: number, frame: Frame, track?: (element: Element | null) => void }} props */
function LaneRow({ lane, look, frame, track }) {
  const { partition, owner, committed, end, waiting, oldest_at } = lane;
  const number = ui.isWall
    ? partition
    : html`<button type="button" data-partition=${partition} aria-label="Partition ${partition}: its tasks"
        aria-expanded=${ui.inspected === partition} aria-controls="inspector">${partition}</button>`;
  return html`<tr role="row" class=${owner === undefined ? "orphan" : ""}>
    <th scope="row" role="rowheader">${number}</th>
    <td role="cell" class="owner"><${Owner} lane=${lane} look=${look} now=${frame.now} /></td>
    <td role="cell" class="track" data-lane=${partition} ref=${track}>
      <${Track} lane=${lane} look=${look} frame=${frame} />
    </td>
    <td role="cell" class="n committed">${count(committed)}</td>
    <td role="cell" class="n end">${count(end)}</td>
    <td role="cell" class="n wait ${waiting > 0 ? "some" : ""}">${count(waiting)}</td>
    <td role="cell" class="n age">${oldest_at === undefined ? "" : duration(frame.now - oldest_at)}</td>
  </tr>`;
}

/** @param {{ lane: Lane, look: number, now: number }} props */
function Owner({ lane: { owner, unowned_since }, look, now }) {
  if (owner !== undefined)
    return html`<${Mark} look=${look} /> <span title=${shown(owner)}>${shortName(owner)}</span>`;
  return unowned_since === undefined ? "nobody" : `nobody for ${duration(now - unowned_since)}`;
}

/** The width of an element in rem, followed: the first is for its `ref`. */
function useWidth() {
  const [width, setWidth] = useState(0);
  const observer = useRef(/** @type {ResizeObserver | undefined} */ (undefined));
  const follow = useCallback((/** @type {Element | null} */ element) => {
    observer.current?.disconnect();
    if (element === null) return;
    observer.current = new ResizeObserver(() => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setWidth(element.clientWidth / rem);
    });
    observer.current.observe(element);
  }, []);
  return /** @type {const} */ ([follow, width]);
}
