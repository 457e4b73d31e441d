/** What a new client is told first. */
import { expect, test } from "vitest";
import { layOut, read, X } from "../../../tests/support/view_log.ts";
import type { GatewayContext } from "../context.ts";
import type { QueueReader } from "../queue/queue_reader.ts";
import { LiveReader } from "./live_reader.ts";
import { RecentResults } from "./recent.ts";
import type { QueueState } from "./wire.ts";

test("the last minute reaches up to the vector, though the queue's state may be of a moment ago", () => {
  const { database } = read(
    layOut([
      { topic: "tasks", value: { task_id: "a", X } },
      { topic: "results", value: { task_id: "a", X, y: { iris_type: 1 } }, at: Date.now() },
    ]),
  );
  // While reading the queue takes long, it is not read at each look.
  const queue = { read: () => ({}) as QueueState, recent: new RecentResults() } as QueueReader;
  const context = {
    kafka: { topics: { tasks: "tasks", results: "results", deadLetters: "tasks-dlt" } },
    topics: { events: "events" },
    view: { database },
  } as unknown as GatewayContext;
  const { timeline } = new LiveReader(context, queue).state();
  expect(timeline.map(({ id }) => id)).toEqual(["a"]);
});
