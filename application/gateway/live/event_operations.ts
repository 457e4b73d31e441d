/** GET /events, as the document describes it. */
import * as v from "valibot";
import { text } from "../http/parameters.ts";
import { type Operation, problemAnswer } from "../openapi/operation.ts";

const id = text("the id of an event", 2000);

/** Its only operation. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/events",
    id: "followEvents",
    tag: "queue",
    summary: "What happens, as it happens (server-sent events).",
    description:
      "`state` comes first: the queue, and the last minute. Then `changes` for what the log brings, and " +
      "`queue` when lanes or workers change. `resync` takes the place of `changes` where the gap is " +
      "too large. A comment comes as heartbeat.",
    query: v.object({
      last_event_id: v.exactOptional(
        v.pipe(id, v.description("Goes on behind this event. The header Last-Event-ID does the same.")),
      ),
    }),
    headers: v.object({
      "last-event-id": v.exactOptional(v.pipe(id, v.description("What a browser sends by itself."))),
    }),
    answers: {
      200: { description: "Events, without end.", contentType: "text/event-stream" },
      503: problemAnswer("As many follow the events as there may be.", {
        "Retry-After": "In how many seconds to ask again.",
      }),
    },
    examples: [
      { name: "from now on", status: 200 },
      { name: "behind an event of another log", query: { last_event_id: "5e5b0a11~0~0~0~0~0" }, status: 200 },
    ],
  },
];
