/** One line a request: when, which client, what, its answer, how long. */
import morgan from "morgan";

/** Process-Id is the header by which the clients of a class tell themselves apart; morgan escapes what is in it. */
export const logRequests = morgan(
  ":date[iso] client :req[process-id] :method :url :status :total-time[0] ms",
);
