/** A client of GET /events, as a browser's EventSource is one; but it tells all that it is sent. */
import { get, type IncomingMessage } from "node:http";
import type { Change, LiveState, QueueState } from "../../application/gateway/live/wire.ts";

export type LiveEvent =
  | { name: "state" | "resync"; id: string; data: LiveState }
  | { name: "changes"; id: string; data: { changes: Change[] } }
  | { name: "queue"; id: undefined; data: QueueState };

export interface EventStreamClient {
  /** All that came, in its order. */
  readonly events: readonly LiveEvent[];
  /** All changes that came. */
  readonly changes: readonly Change[];
  /** Milliseconds after which the server wants it to connect again. */
  readonly retry: number | undefined;
  /** Lines that are comments. */
  readonly comments: readonly string[];
  /** Of the last event that had one: what it resumes from. */
  readonly lastId: string | undefined;
  /** Resolves with the first event, come or to come, that is as wanted; rejects when the stream ends. */
  waitFor(isWanted: (event: LiveEvent) => boolean): Promise<LiveEvent>;
  /** Resolves as soon as this is true; looks after each event and each comment. */
  until(isTrue: () => boolean): Promise<void>;
  /** Reads no more, as a client does that hangs. */
  pause(): void;
  resume(): void;
  /** Hangs up. */
  close(): void;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

/** Connects; resolves when the stream has been opened. */
export async function openEventStream(url: string, lastId?: string): Promise<EventStreamClient> {
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/events`, { headers, agent: false }, resolve).once("error", reject);
  });
  if (response.statusCode !== 200) throw new Error(`GET /events: ${response.statusCode}`);
  const events: LiveEvent[] = [];
  const changes: Change[] = [];
  const comments: string[] = [];
  const waiting = new Set<() => void>();
  let [retry, last]: [number | undefined, string | undefined] = [undefined, lastId];
  let isClosed = false;
  let rest = "";

  function read(block: string): void {
    const fields: Record<string, string> = {};
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (name === "") comments.push(value);
      else fields[name] = value;
    }
    if (fields.retry !== undefined) retry = Number(fields.retry);
    if (fields.data !== undefined) {
      const event = { name: fields.event, id: fields.id, data: JSON.parse(fields.data) } as LiveEvent;
      if (event.id !== undefined) last = event.id;
      if (event.name === "changes") changes.push(...event.data.changes);
      events.push(event);
    }
    for (const look of [...waiting]) look();
  }

  response.setEncoding("utf8");
  response.on("data", (text: string) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) read(block);
  });
  response.on("error", () => {}); // It was cut; "close" follows.
  const closed = new Promise<void>((resolve) => {
    response.once("close", () => {
      isClosed = true;
      for (const look of [...waiting]) look();
      resolve();
    });
  });

  function until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const isDone = isTrue();
        if (!isDone && !isClosed) return;
        waiting.delete(look);
        if (isDone) resolve();
        else reject(new Error("The stream has ended before what was waited for"));
      };
      waiting.add(look);
      look();
    });
  }

  return {
    events,
    changes,
    comments,
    closed,
    until,
    get retry() {
      return retry;
    },
    get lastId() {
      return last;
    },
    async waitFor(isWanted) {
      let found: LiveEvent | undefined;
      await until(() => {
        found = events.find(isWanted);
        return found !== undefined;
      });
      return found as LiveEvent;
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => void response.destroy(),
  };
}
