/**
 * The kinds of error that the gateway answers with. Their names are stable: programs tell them apart by
 * these.
 */

/** The status of each kind, a title, and an explanation for whoever follows its `type`. */
export const PROBLEM_TYPES = {
  "malformed-json": [400, "The body is not JSON", "Send one JSON value in UTF-8."],
  "bad-request": [
    400,
    "The request cannot be read",
    "It is not what HTTP or this API asks for; `detail` says why.",
  ],
  "foreign-origin": [
    403,
    "Another site may not change anything here",
    "The request came from a page of another site. Only pages of this gateway may write.",
  ],
  "not-found": [404, "There is nothing here", "GET /openapi.json names every path."],
  "unknown-task": [
    404,
    "No task has this id",
    "The gateway has read the log to its end, as it was when the question came, and the task was not in it.",
  ],
  "unknown-dead-letter": [
    404,
    "There is no such dead letter",
    "GET /dead-letters lists those that there are.",
  ],
  "no-controls": [
    404,
    "There are no controls here",
    "Only a gateway that `npm run app` has started has them, and only for its own machine.",
  ],
  "unknown-worker": [404, "The application has no worker of this name", "GET /queue names the workers."],
  "method-not-allowed": [405, "This path has other methods", "The header Allow names them."],
  "request-timeout": [408, "The request did not come in time", "Send the whole request without a pause."],
  "already-finished": [409, "The task is finished", "What is final does not change any more."],
  "no-task-id": [
    409,
    "A task without an id cannot be cancelled",
    "Stage 4's client sends tasks without ids, so nothing can name one to its worker.",
  ],
  "already-replayed": [
    409,
    "The dead letter has been replayed",
    "`replayed_as` names the task. With ?again=true it is replayed once more.",
  ],
  "worker-not-running": [
    409,
    "The worker does not run now",
    "It has died, and the application is about to start it again.",
  ],
  "too-many-workers": [409, "There are as many workers as there may be", "Stop one first."],
  forgotten: [
    410,
    "The task was forgotten",
    "A finished task is kept for a time (--keep), then only its id is.",
  ],
  "too-large": [413, "The body is too large", "A list may have 10,000 tasks, in at most 4 MB."],
  "not-json": [415, "The body has another type", "Send the header Content-Type: application/json."],
  "encoded-body": [415, "The body is compressed", "Send it as it is, without a Content-Encoding."],
  "unknown-expectation": [417, "The header Expect asks for something unknown", "Leave it out."],
  "wrong-host": [
    421,
    "The request is for another host",
    "Host names neither this gateway nor what --allow-host allows. So a page of another site stays out.",
  ],
  "invalid-input": [
    422,
    "A value is not what it should be",
    "`field` names it, `expected` says what it should be, `got` what came. In a list, `index` counts from 0.",
  ],
  "key-used": [
    422,
    "The idempotency key belongs to another body",
    "A key stands for one request. Choose a new key for a new request.",
  ],
  unreadable: [422, "No worker could read this", "Edit it first: send the four measurements as the body."],
  "header-too-large": [431, "The header is too large", "All header fields together may have 16 kB."],
  internal: [500, "The gateway failed", "Its log says why. Please report it."],
  "kafka-away": [
    503,
    "Kafka does not answer",
    "What was sent is not confirmed, but may have arrived. With an Idempotency-Key you may send it again.",
  ],
  "not-ready": [
    503,
    "The gateway is not ready",
    "It has to read up to the end of Kafka's log first, or Kafka does not answer. Ask again.",
  ],
  "application-away": [
    503,
    "The application does not answer",
    "The program that started the gateway is busy, or is about to end.",
  ],
  "too-many-streams": [
    503,
    "As many follow the events as there may be",
    "Ask again later, or ask GET /queue from time to time.",
  ],
  "no-database": [503, "There is no database of results yet", "Start a persister, which makes it."],
  "database-unreadable": [
    503,
    "The database of results cannot be read now",
    "Another program may hold it locked, or it is damaged: look at the persister.",
  ],
  "task-failed": [
    409,
    "The task has failed",
    "There is no answer, and there will be none. `error` says why.",
  ],
  "task-cancelled": [409, "The task was cancelled", "There is no answer, and there will be none."],
} as const satisfies Record<string, readonly [status: number, title: string, explanation: string]>;

export type ProblemType = keyof typeof PROBLEM_TYPES;
