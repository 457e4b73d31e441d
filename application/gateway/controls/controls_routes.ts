/** What the board can do, where the application has started the workers: /controls. */
import { randomUUID } from "node:crypto";
import { BlockList } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { show } from "../../../common/iris.ts";
import { randomFlowers } from "../../board/parts/flowers.js";
import type { GatewayContext } from "../context.ts";
import { parseParameters } from "../http/parameters.ts";
import { Problem } from "../http/problem.ts";
import { sendTasks } from "../tasks/accept.ts";
import type { Controls } from "./controls.ts";
import {
  type availableSchema,
  countSchema,
  EXPECTED_COUNT,
  nameParams,
  type rubbishSchema,
} from "./controls_operations.ts";
import { randomRubbish } from "./rubbish.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");
LOOPBACK.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

/** All below /controls: what the board's buttons ask for. */
export function addControlsRoutes(app: FastifyInstance, context: GatewayContext): void {
  const controlsFor = (request: FastifyRequest) => (isFromHere(request) ? context.controls : undefined);
  const controls = (request: FastifyRequest): Controls => {
    const found = controlsFor(request);
    if (found !== undefined) return found;
    const detail =
      context.controls === undefined
        ? "This gateway was not started by npm run app, so it has no workers to control"
        : "The controls are for requests from this gateway's own machine";
    throw new Problem("no-controls", detail);
  };

  app.get(
    "/controls",
    (request): v.InferOutput<typeof availableSchema> => ({
      available: controlsFor(request) !== undefined,
    }),
  );

  app.post("/controls/workers", async (request, reply) =>
    reply.code(201).send(await controls(request).ask({ control: "add" })),
  );
  for (const control of ["stop", "kill"] as const) {
    app.post(`/controls/workers/:name/${control}`, async (request, reply) => {
      const { ask } = controls(request);
      const { name } = parseParameters(nameParams, request.params);
      return reply.code(202).send(await ask({ control, worker: name }));
    });
  }

  app.post("/controls/tasks", async (request, reply) => {
    controls(request);
    const flowers = randomFlowers(parseCount(request.body));
    const ids = flowers.map(() => randomUUID());
    await sendTasks(context, ids, flowers);
    return reply.code(202).send({ tasks: ids.map((task_id) => ({ task_id })) });
  });

  app.post("/controls/rubbish", async (request, reply) => {
    controls(request);
    const value = randomRubbish();
    const [{ partition = 0, offset = "0" } = {}] = await context.producer.send(context.kafka.topics.tasks, [
      { value },
    ]);
    const sent: v.InferOutput<typeof rubbishSchema> = { partition, offset: Number(offset), value };
    return reply.code(202).send(sent);
  });
}

/** A proxy on this machine passes on what comes from others, and says so. */
function isFromHere({ socket, headers }: FastifyRequest): boolean {
  if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) return false;
  const address = socket.remoteAddress ?? "";
  return LOOPBACK.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

function parseCount(body: unknown): number {
  const parsed = v.safeParse(countSchema, body, { abortEarly: true });
  if (parsed.success) return parsed.output.count;
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  if (!isObject) throw new InputError("the body", "an object with count", show(body));
  throw new InputError("count", EXPECTED_COUNT, show((body as { count?: unknown }).count));
}
