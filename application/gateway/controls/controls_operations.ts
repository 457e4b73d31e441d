/** The controls of the board, as the document describes them. */
import * as v from "valibot";
import { text } from "../http/parameters.ts";
import { type Example, type Operation, problemAnswer } from "../openapi/operation.ts";

/** So many tasks one request may ask for. */
const MOST_TASKS = 10_000;

export const nameParams = v.strictObject({
  name: v.pipe(text("a worker's name"), v.description("As GET /queue names it.")),
});
export const EXPECTED_COUNT = `a whole number from 1 to ${MOST_TASKS}`;
export const countSchema = v.object({
  count: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(MOST_TASKS),
    v.description("How many random flowers."),
  ),
});
export const availableSchema = v.object({
  available: v.pipe(v.boolean(), v.description("Whether the requests below do anything here.")),
});
export const workerSchema = v.object({
  worker: v.string(),
  pid: v.pipe(v.number(), v.integer(), v.description("Its process id.")),
});
const sentSchema = v.object({ tasks: v.array(v.object({ task_id: v.string() })) });
export const rubbishSchema = v.object({
  partition: v.pipe(v.number(), v.integer(), v.description("Its place in tasks.")),
  offset: v.pipe(v.number(), v.integer()),
  value: v.pipe(v.string(), v.description("What was sent.")),
});

const WHERE =
  "Only where `npm run app` has started the gateway and its workers, and from the same machine; else 404.";
const none = problemAnswer("There are no controls here.");
const unknown = problemAnswer("There are no controls here, or no worker of this name.");
const notRunning = problemAnswer("The worker does not run now.");
const away = problemAnswer("The application does not answer.");
const examples = (more: Partial<Example> = {}): Example[] => [
  { name: "where no application has started the gateway", status: 404, ...more },
];
const params = { name: "worker-2" };

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/controls",
    id: "getControls",
    tag: "controls",
    summary: "Whether there are controls here, for whoever asks.",
    answers: { 200: { description: "Yes or no.", schema: availableSchema } },
    examples: [{ name: "no application", status: 200, answer: { available: false } }],
  },
  {
    method: "POST",
    path: "/controls/workers",
    id: "addWorker",
    tag: "controls",
    summary: "Starts a worker more.",
    description: WHERE,
    answers: {
      201: { description: "Its process runs; it joins the group a moment later.", schema: workerSchema },
      404: none,
      409: problemAnswer("There are as many workers as there may be."),
      503: away,
    },
    examples: examples(),
  },
  {
    method: "POST",
    path: "/controls/workers/:name/stop",
    id: "stopWorker",
    tag: "controls",
    summary: "Asks a worker to end: it finishes its task, and leaves.",
    description: WHERE,
    params: nameParams,
    answers: {
      202: { description: "It has been asked.", schema: workerSchema },
      404: unknown,
      409: notRunning,
      503: away,
    },
    examples: examples({ params }),
  },
  {
    method: "POST",
    path: "/controls/workers/:name/kill",
    id: "killWorker",
    tag: "controls",
    summary: "Kills a worker in the middle of its task, as a crash would. It comes back some seconds later.",
    description: WHERE,
    params: nameParams,
    answers: {
      202: { description: "It is dead; its task comes again.", schema: workerSchema },
      404: unknown,
      409: notRunning,
      503: away,
    },
    examples: examples({ params }),
  },
  {
    method: "POST",
    path: "/controls/tasks",
    id: "sendRandomTasks",
    tag: "controls",
    summary: "Sends random flowers of all three species.",
    description: WHERE,
    body: { schema: countSchema },
    answers: {
      202: { description: "Kafka has the tasks.", schema: sentSchema },
      404: none,
      422: problemAnswer("`count` is wrong."),
      503: problemAnswer("Kafka is away: not confirmed."),
    },
    examples: examples({ body: { count: 24 } }),
  },
  {
    method: "POST",
    path: "/controls/rubbish",
    id: "sendRubbish",
    tag: "controls",
    summary: "Sends a message that no worker can read: it becomes a dead letter.",
    description: WHERE,
    answers: {
      202: { description: "Kafka has it.", schema: rubbishSchema },
      404: none,
      503: problemAnswer("Kafka is away: not confirmed."),
    },
    examples: examples(),
  },
];
