/** The gateway's end of the channel to the application that started it. */
import * as v from "valibot";
import {
  type ControlMessage,
  type ControlRequest,
  controlMessageSchema,
  type Refusal,
  type WorkerNews,
} from "../../controls_wire.ts";
import { Problem } from "../http/problem.ts";

/** Set to 1 for the gateway of an application. */
const APPLICATION = "IRIS_APP";

/** The application only starts a process, or sends a signal. */
const LONGEST_ANSWER_MS = 5000;

type Wish = { control: "add" } | { control: "stop" | "kill"; worker: string };
type Outcome = Exclude<ControlMessage, { worker: WorkerNews }>;

export interface ControlledWorker {
  worker: string;
  pid: number;
}

export interface Controls {
  /** Resolves when the application has done it. Throws Problem when it does not. */
  ask(wish: Wish): Promise<ControlledWorker>;
}

/**
 * The controls of a gateway that an application has started, otherwise undefined. `onNews` is told of each of
 * its workers that starts or ends, and first of those that run.
 */
export function openControls(
  env: NodeJS.ProcessEnv,
  onNews: (news: WorkerNews) => void,
): Controls | undefined {
  if (env[APPLICATION] !== "1" || !process.connected) return undefined;
  const open = new Map<number, (outcome: Outcome) => void>();
  let lastId = 0;

  process.on("message", (message) => {
    const parsed = v.safeParse(controlMessageSchema, message);
    if (!parsed.success) return;
    if ("id" in parsed.output) open.get(parsed.output.id)?.(parsed.output);
    else onNews(parsed.output.worker);
  });
  // The listener would keep this program alive for its parent's sake alone.
  process.channel?.unref();

  async function send(wish: Wish): Promise<Outcome | undefined> {
    lastId += 1;
    const id = lastId;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve) => {
        open.set(id, resolve);
        timer = setTimeout(() => resolve(undefined), LONGEST_ANSWER_MS);
        process.send?.({ id, ...wish } satisfies ControlRequest, () => {});
      });
    } finally {
      clearTimeout(timer);
      open.delete(id);
    }
  }

  return {
    async ask(wish) {
      const outcome = await send(wish);
      if (outcome === undefined)
        throw new Problem("application-away", "The application does not answer: try again");
      if (!outcome.ok) throw new Problem(outcome.refusal satisfies Refusal, outcome.error);
      const { worker, pid } = outcome;
      return { worker, pid };
    },
  };
}
