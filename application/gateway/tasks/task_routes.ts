/** The routes of tasks: put them in the queue, and ask what became of them. */
import type { FastifyInstance } from "fastify";
import { isoTime } from "../../iso_time.ts";
import { listTasks } from "../../view/list_tasks.ts";
import { findTask, taskHistory } from "../../view/queries.ts";
import { STATUSES, type TaskRow } from "../../view/schema.ts";
import type { GatewayContext } from "../context.ts";
import { throwIfBehind } from "../deadline.ts";
import { abortedOnHangUp } from "../http/hang_up.ts";
import { parseParameters } from "../http/parameters.ts";
import { Problem } from "../http/problem.ts";
import { cancelTask } from "./cancel.ts";
import { lookUp, parseTaskId, waitFor } from "./look_up.ts";
import { createPace } from "./pace.ts";
import { postTasks } from "./post_task.ts";
import { isFinal, placeJson, resultJson, taskJson } from "./task_json.ts";
import { formatCursor, listQuerySchema, waitQuerySchema } from "./task_queries.ts";
import type { HistoryJson } from "./task_schemas.ts";

/** Seconds after which a client that polls may ask again. */
const RETRY_AFTER = "1";

/** POST /tasks, GET /tasks, and all below /tasks/<id>. */
export function addTaskRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { kafka, topics, view, queue } = context;
  const pace = createPace(view.database);
  const show = (row: TaskRow) => taskJson(row, queue.seen(), pace);
  /** Of a task that a repeated request asks for: it may be finished by now. */
  function standing(id: string) {
    const row = findTask(view.database, id);
    return { status: STATUSES[row?.status ?? 0] ?? "PENDING", ...(row === undefined ? {} : placeJson(row)) };
  }
  const topicNames = { ...kafka.topics, ...topics };

  app.post("/tasks", async (request, reply) => {
    const { ids, isList, place, row, waited } = await postTasks(context, request, reply);
    const [task_id = ""] = ids;
    if (waited !== undefined) reply.header("preference-applied", `wait=${waited}`);
    if (row !== undefined && isFinal(row)) {
      return reply.header("location", `/tasks/${task_id}`).send(show(row));
    }
    reply.code(202).header("retry-after", RETRY_AFTER);
    if (isList) return { tasks: ids.map((id) => ({ task_id: id })) };
    reply.header("location", `/tasks/${task_id}`);
    if (row !== undefined) return show(row);
    return { task_id, ...(place === undefined ? standing(task_id) : { status: "PENDING", ...place }) };
  });

  app.get("/tasks", async (request) => {
    const { limit, before, ...filter } = parseParameters(listQuerySchema, request.query);
    throwIfBehind(view);
    const { tasks, next } = await listTasks(view.database, filter, limit, before);
    return { tasks: tasks.map(show), ...(next === undefined ? {} : { next: formatCursor(next) }) };
  });

  app.get("/tasks/:id", async (request, reply) => {
    const id = parseTaskId(request.params);
    const query = request.query as Record<string, unknown>;
    // Most ask without a parameter, and often.
    const { wait } = Object.keys(query).length === 0 ? {} : parseParameters(waitQuerySchema, query);
    const row = await lookUp(view, id);
    if (wait === undefined || isFinal(row)) return show(row);
    const isOther = (now: TaskRow) => now.status !== row.status || now.starts !== row.starts;
    return show((await waitFor(view, id, isOther, wait, abortedOnHangUp(reply))) ?? row);
  });

  app.get("/tasks/:id/result", async (request, reply) => {
    const row = await lookUp(view, parseTaskId(request.params));
    const status = STATUSES[row.status];
    if (status === "SUCCESS") return resultJson(row);
    if (status === "FAILED") {
      const error = { code: row.error_code, message: row.error_message };
      throw new Problem("task-failed", `The task has failed: ${row.error_message}`, {
        extra: { task_status: status, error },
      });
    }
    if (status === "CANCELLED")
      throw new Problem("task-cancelled", "The task was cancelled", { extra: { task_status: status } });
    return reply.code(202).header("retry-after", RETRY_AFTER).send(show(row));
  });

  app.get("/tasks/:id/history", async (request): Promise<HistoryJson> => {
    const id = parseTaskId(request.params);
    await lookUp(view, id);
    const transitions = taskHistory(view.database, id).map(({ kind, at, topic, ...place }) => ({
      kind,
      ...isoTime("at", at),
      topic: topicNames[topic],
      ...place,
    }));
    return { task_id: id, transitions };
  });

  app.delete("/tasks/:id", async (request) => show(await cancelTask(context, parseTaskId(request.params))));
}
