/** What the live events are made of, read from the view's database. */
import { createHash } from "node:crypto";
import { inTransaction } from "../../../common/sqlite.ts";
import { prepared } from "../../view/queries.ts";
import type { GatewayContext } from "../context.ts";
import type { QueueReader } from "../queue/queue_reader.ts";
import { readChanges } from "./changes.ts";
import { type EventId, formatId, toVector, type Vector, type VectorTopic, witnessPlace } from "./vector.ts";
import type { Change, LiveState, QueueState } from "./wire.ts";

const POSITIONS = "SELECT topic, partition, next FROM position";
const ORIGIN = "SELECT value FROM meta WHERE key = 'origin'";
const WITNESS = `SELECT accepted_at FROM task WHERE partition = ? AND "offset" = ?`;

/** Reads the view; what two of its reads say is of one moment only within look(). */
export class LiveReader {
  readonly #context: Pick<GatewayContext, "kafka" | "topics" | "view">;
  readonly #queue: QueueReader;
  readonly #kinds: ReadonlyMap<string, VectorTopic>;

  #origin: string | undefined;
  #log = "";

  constructor(context: Pick<GatewayContext, "kafka" | "topics" | "view">, queue: QueueReader) {
    this.#context = context;
    this.#queue = queue;
    const { tasks, results, deadLetters } = context.kafka.topics;
    this.#kinds = new Map([
      [tasks, "tasks"],
      [results, "results"],
      [deadLetters, "deadLetters"],
      [context.topics.events, "events"],
    ]);
  }

  /** What `work` reads is of one moment: the view's thread writes meanwhile. */
  look(work: () => void): void {
    inTransaction(this.#context.view.database, work);
  }

  /** Names the log that this view is of: any gateway on the same cluster and topics gives it this name. */
  get log(): string {
    const origin = (this.#query(ORIGIN).get() as { value: string } | undefined)?.value ?? "";
    if (origin !== this.#origin) {
      this.#origin = origin;
      this.#log = createHash("sha256").update(origin).digest("hex").slice(0, 8);
    }
    return this.#log;
  }

  /** Up to where the database holds the log. */
  vector(): Vector {
    const positions: Partial<Record<VectorTopic, Record<number, number>>> = {};
    const rows = this.#query(POSITIONS).all() as { topic: string; partition: number; next: number }[];
    for (const { topic, partition, next } of rows) {
      const kind = this.#kinds.get(topic);
      if (kind === undefined) continue;
      positions[kind] ??= {};
      positions[kind][partition] = next;
    }
    return toVector(positions);
  }

  id(vector: Vector): string {
    return formatId({ log: this.log, vector, witness: this.#witness(vector) ?? 0 });
  }

  /** Whether the log is the one that the id was made from, as far as the view still knows. */
  isOfThisLog({ log, vector, witness }: EventId): boolean {
    if (log !== this.log) return false;
    const known = this.#witness(vector);
    return known === undefined || witness === 0 || known === witness;
  }

  changes(from: Vector, to: Vector): Change[] {
    return readChanges(this.#context.view.database, from, to);
  }

  queue(): QueueState {
    return this.#queue.read();
  }

  state(): LiveState {
    const queue = this.#queue.read();
    // It may be of a moment ago; what ended since is told with no event any more.
    this.#queue.recent.read(this.#context.view.database);
    return { queue, timeline: [...this.#queue.recent.timeline] };
  }

  #witness(vector: Vector): number | undefined {
    const place = witnessPlace(vector);
    if (place === undefined) return undefined;
    const row = this.#query(WITNESS).get(place.partition, place.offset);
    return (row as { accepted_at: number | null } | undefined)?.accepted_at ?? undefined;
  }

  #query(sql: string) {
    return prepared(this.#context.view.database, sql);
  }
}
