/** Between the gateway and the application that started it: messages over Node's IPC channel. */
import * as v from "valibot";

export const controlRequestSchema = v.variant("control", [
  v.object({ id: v.number(), control: v.literal("add") }),
  v.object({ id: v.number(), control: v.picklist(["stop", "kill"]), worker: v.string() }),
]);
/** From the gateway. `add`: a worker more; `stop`: as Ctrl-C would; `kill`: as a crash would. */
export type ControlRequest = v.InferOutput<typeof controlRequestSchema>;

/** Why the application does not do it. */
export const REFUSALS = ["unknown-worker", "worker-not-running", "too-many-workers"] as const;
export type Refusal = (typeof REFUSALS)[number];

const newsSchema = v.object({
  name: v.string(),
  pid: v.number(),
  state: v.picklist(["started", "ended", "killed"]),
});
/** Of a worker that the application has started. */
export type WorkerNews = v.InferOutput<typeof newsSchema>;

export const controlMessageSchema = v.union([
  v.object({ id: v.number(), ok: v.literal(true), worker: v.string(), pid: v.number() }),
  v.object({ id: v.number(), ok: v.literal(false), refusal: v.picklist(REFUSALS), error: v.string() }),
  v.object({ worker: newsSchema }),
]);
/** The answer to it, or news of a worker that nobody asked for. */
export type ControlMessage = v.InferOutput<typeof controlMessageSchema>;
