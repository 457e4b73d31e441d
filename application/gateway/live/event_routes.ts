/** GET /events: what happens, as it happens (server-sent events). */
import type { FastifyInstance } from "fastify";
import type { GatewayContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { queueReaderOf } from "../queue/queue_reader.ts";
import { EventHub } from "./event_hub.ts";
import { EventStream } from "./event_stream.ts";
import { LiveReader } from "./live_reader.ts";

/** Each keeps a connection, and a client that reads slowly up to 1 MB of memory. */
const MOST_STREAMS = 1000;

const hubs = new WeakMap<object, EventHub>();

/** The one of this gateway. */
export function eventHubOf(context: GatewayContext): EventHub {
  const { view, queue } = context;
  const reader = new LiveReader(context, queueReaderOf(context));
  const hub = hubs.get(context) ?? new EventHub({ view, queue, reader });
  hubs.set(context, hub);
  return hub;
}

/** Adds the route. Its streams end when the app is closed. */
export function addEventRoutes(app: FastifyInstance, context: GatewayContext): void {
  const hub = eventHubOf(context);
  // Fastify waits for open connections before it calls onClose.
  app.addHook("preClose", async () => hub.close());

  app.get<{ Querystring: { last_event_id?: string } }>(
    "/events",
    { exposeHeadRoute: false },
    (request, reply) => {
      if (hub.size >= MOST_STREAMS) {
        const detail = `Expected at most ${MOST_STREAMS} streams of events, and there are as many: end some`;
        throw new Problem("too-many-streams", detail, { headers: { "retry-after": "10" } });
      }
      reply.hijack();
      const headers = Object.fromEntries(
        Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
          typeof value === "string" ? [[name, value]] : [],
        ),
      );
      const stream = new EventStream(reply.raw, headers, () => hub.remove(stream));
      // A browser sends the header when it connects again by itself; a new EventSource cannot send it.
      const lastId = request.headers["last-event-id"] ?? request.query.last_event_id;
      hub.add(stream, typeof lastId === "string" && lastId !== "" ? lastId : undefined);
    },
  );
}
