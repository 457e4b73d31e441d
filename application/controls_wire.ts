/** Between the gateway and the application that started it: messages over Node's IPC channel. */

/** From the gateway. `add`: a worker more; `stop`: as Ctrl-C would; `kill`: as a crash would. */
export type ControlRequest =
  | { id: number; control: "add" }
  | { id: number; control: "stop" | "kill"; worker: string };

/** The answer to it, or news of a worker that nobody asked for. */
export type ControlMessage =
  | { id: number; ok: true; worker: string; pid: number }
  | { id: number; ok: false; error: string }
  | { worker: { name: string; pid: number; state: "started" | "ended" | "killed" } };
