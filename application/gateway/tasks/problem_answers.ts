/** What can go wrong with a task, as the document describes it. */
import { problemAnswer } from "../openapi/operation.ts";

const again = { "Retry-After": "In how many seconds to ask again." };

/** On the way into the queue. */
export const PROBLEMS_OF_SENDING = {
  400: problemAnswer("The body is not JSON."),
  413: problemAnswer("More than 10,000 tasks, or more than 4 MB."),
  415: problemAnswer("The body is not application/json."),
  422: problemAnswer("A value is wrong (`field` names it), or the idempotency key belongs to another body."),
  503: problemAnswer("Kafka is away: not confirmed. Of a list, `confirmed` names the ids that are.", again),
};

/** When somebody asks for it. */
export const PROBLEMS_OF_IDS = {
  404: problemAnswer("No task has this id: Kafka's log was read to its end before this was said."),
  410: problemAnswer("It is finished, and was forgotten: see --keep of the gateway."),
  422: problemAnswer("The id or a parameter is wrong; `field` names it."),
  503: problemAnswer("Kafka is away, and this gateway does not know the id.", again),
};
