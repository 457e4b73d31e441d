/**
 * What a program does whose parent is the application (app.ts): it says when it is ready, and ends with it.
 */
import * as v from "valibot";
import { interrupt } from "../common/shutdown.ts";

/** Set to 1 for the programs that the application starts. */
export const SUPERVISED = "IRIS_SUPERVISED";

/**
 * So long a program may take to end when the application is gone. A Kafka that is gone too cannot help it.
 */
const LONGEST_STOP_MS = 8_000;

/**
 * Ends this program as Ctrl-C would when the application is gone, however that ended: the system closes the
 * channel between them. Does nothing where no application has started it.
 */
export function endWithApplication(env: NodeJS.ProcessEnv): void {
  if (env[SUPERVISED] !== "1" || process.channel === undefined) return;
  const end = () => {
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    interrupt();
  };
  process.once("disconnect", end);
  if (!process.connected) end();
  // It must not keep the program alive.
  process.channel?.unref();
}

export const readySchema = v.object({
  ready: v.literal(true),
  /** Where it is to be found, if it serves. */
  url: v.optional(v.string()),
});

/** Tells the application, if there is one, that this program does its work from now on. */
export function tellReady(url?: string): void {
  const message: v.InferInput<typeof readySchema> = { ready: true, url };
  if (process.connected) process.send?.(message, () => {});
}
