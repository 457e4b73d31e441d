/** The lanes of the queue: what waits in each partition, and what is in progress. */
import type { Database } from "../../../common/sqlite.ts";
import { prepared } from "../../view/queries.ts";
import { STATUSES } from "../../view/schema.ts";
import type { RecentResults } from "../live/recent.ts";
import type { Lane } from "../live/wire.ts";
import type { QueueSeen } from "./queue_watch.ts";

/** Ids of those that wait, in a lane. */
const SHOWN = 41;
/** Characters of an id: terminals show four, and these tell any two apart. */
const ID_CHARACTERS = 8;
const PLACE = /^\d+@\d+$/;
const STARTED = STATUSES.indexOf("STARTED");

const FIRST = `SELECT id, "offset", status, worker, started_at, accepted_at FROM task
  WHERE status < 2 AND partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ${SHOWN + 1}`;
const COUNT = `SELECT count(*) AS count FROM task WHERE status < 2 AND partition = ? AND "offset" >= ?`;

interface OpenRow {
  id: string;
  offset: number;
  status: number;
  worker: string | null;
  started_at: number | null;
  accepted_at: number | null;
}

export interface Lanes {
  lanes: Lane[];
  /** When the oldest task was accepted that has no answer, in progress or not. */
  oldestOpenAt: number | undefined;
}

interface OpenLane {
  lane: Lane;
  /** Not finished, as the view knows, and not committed, as Kafka knows; the oldest first. */
  open: OpenRow[];
  count: number;
  /** What is in Kafka already and not yet in the view. */
  unread: number;
}

/**
 * `next` is where the view goes on in each partition. What Kafka has committed is done, whatever the view
 * knows of it (an answer in another program's form may not tell which task it is for); what the view knows as
 * finished is done, though its commit comes a little later.
 */
export function readLanes(
  database: Database,
  seen: QueueSeen,
  next: Readonly<Record<number, number>>,
  recent: RecentResults,
): Lanes {
  const first = prepared(database, FIRST);
  const count = prepared(database, COUNT);
  const opened = seen.lanes.map((lane): OpenLane => {
    const { partition, committed } = lane;
    const open = first.all(partition, committed) as unknown as OpenRow[];
    const all = open.length <= SHOWN ? open : undefined;
    const read = Math.max(next[partition] ?? 0, committed);
    return {
      lane: { ...lane, end: Math.max(lane.end, next[partition] ?? 0), waiting: 0, next: [] },
      open,
      count: all?.length ?? (count.get(partition, committed) as { count: number }).count,
      unread: Math.max(0, lane.end - read),
    };
  });
  const current = findCurrent(opened, seen, recent);
  for (const { lane, open, count, unread } of opened) {
    const row = current.get(lane.partition);
    const waiting = open.filter((other) => other !== row);
    lane.waiting = count + unread - (row === undefined ? 0 : 1);
    lane.next = waiting.slice(0, SHOWN).map(({ id }) => shortId(id));
    const [oldest] = waiting;
    if (oldest?.accepted_at != null) lane.oldest_at = oldest.accepted_at;
    if (row !== undefined) lane.current = describeCurrent(row, lane, recent);
  }
  const oldest = opened.flatMap(({ open }) => open[0]?.accepted_at ?? []);
  return {
    lanes: opened.map(({ lane }) => lane),
    oldestOpenAt: oldest.length === 0 ? undefined : Math.min(...oldest),
  };
}

/** By partition, the task in progress. One whose worker is gone waits again, for the next owner. */
function findCurrent(
  opened: readonly OpenLane[],
  { workers }: QueueSeen,
  recent: RecentResults,
): Map<number, OpenRow> {
  const current = new Map<number, OpenRow>();
  const announcing = new Set<string>();
  const states = new Map(workers.map(({ name, state }) => [name, state]));
  for (const { lane, open } of opened) {
    const started = open.filter(({ status, worker }) => {
      const state = states.get(worker ?? "");
      return status === STARTED && (state === "here" || (state === undefined && lane.owner !== undefined));
    });
    // While the group deals out the partitions, the one that has begun still works on it.
    const row = started.find(({ worker }) => worker === lane.owner) ?? started[0];
    if (row === undefined) continue;
    current.set(lane.partition, row);
    if (row.worker !== null) announcing.add(row.worker);
  }
  // A worker does one task after the other and takes its partitions in turn: one that announces nothing is
  // most likely at the partition whose turn was longest ago.
  const turn = ({ lane }: OpenLane) => recent.lastIn(lane.partition) ?? 0;
  for (const one of [...opened].sort((a, b) => turn(a) - turn(b))) {
    const { owner, partition } = one.lane;
    const [row] = one.open;
    if (owner === undefined || row === undefined || announcing.has(owner)) continue;
    announcing.add(owner);
    current.set(partition, row);
  }
  return current;
}

function describeCurrent(row: OpenRow, lane: Lane, recent: RecentResults): NonNullable<Lane["current"]> {
  const announced = row.status === STARTED;
  const worker = (announced ? row.worker : lane.owner) ?? "";
  const since = announced ? row.started_at : Math.max(row.accepted_at ?? 0, recent.lastOf(worker) ?? 0);
  return { id: row.id, worker, since: since ?? 0, announced };
}

/** A task without an id is named by its place, whole. */
function shortId(id: string): string {
  return PLACE.test(id) ? id : id.slice(0, ID_CHARACTERS);
}
