/**
 * The names under which the Flask and Celery form of this service is known: POST /elab, GET
 * /elab_status/<id>, GET /elab_result/<id>. Its clients know three states, so STARTED is PENDING here, and
 * CANCELLED is FAILED.
 */
import type { FastifyInstance } from "fastify";
import { InputError } from "../../../common/errors.ts";
import { findTask } from "../../view/queries.ts";
import { STATUSES, type TaskRow } from "../../view/schema.ts";
import type { GatewayContext } from "../context.ts";
import { invalidInput } from "../http/problem.ts";
import { lookUp, parseTaskId } from "./look_up.ts";
import { postTasks } from "./post_task.ts";
import { resultJson } from "./task_json.ts";

export const ELAB_STATUSES = ["PENDING", "SUCCESS", "FAILED"] as const;

/** POST /elab, GET /elab_status/<id>, GET /elab_result/<id>. */
export function addElabRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { view } = context;

  app.post("/elab", async (request, reply) => {
    if (Array.isArray(request.body)) {
      throw invalidInput(
        new InputError("the body", "the four measurements of one iris", "a list: see POST /tasks"),
      );
    }
    const { ids, row, waited } = await postTasks(context, request, reply);
    const [task_id = ""] = ids;
    if (waited !== undefined) reply.header("preference-applied", `wait=${waited}`);
    reply.code(202).header("location", `/elab_status/${task_id}`);
    // A repeated request asks for a task that may be finished by now.
    const now = row ?? findTask(view.database, task_id);
    return { task_id, status: now === undefined ? "PENDING" : statusOf(now) };
  });

  app.get("/elab_status/:id", async (request) => {
    const id = parseTaskId(request.params);
    return { task_id: id, status: statusOf(await lookUp(view, id)) };
  });

  app.get("/elab_result/:id", async (request, reply) => {
    const id = parseTaskId(request.params);
    const row = await lookUp(view, id);
    const status = statusOf(row);
    if (status === "PENDING") return reply.code(202).send({ task_id: id, status });
    if (status === "FAILED") return { task_id: id, status, error: row.error_message };
    const { task_id, ...result } = resultJson(row);
    return { task_id, status, result };
  });
}

function statusOf({ status }: TaskRow): (typeof ELAB_STATUSES)[number] {
  const name = STATUSES[status];
  if (name === "SUCCESS") return "SUCCESS";
  return name === "FAILED" || name === "CANCELLED" ? "FAILED" : "PENDING";
}
