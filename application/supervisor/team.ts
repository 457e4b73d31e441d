/** The workers of the application: as many as were asked for, and those that are added and stopped later. */
import { SESSION_MS } from "../../common/kafka/keep_alive.ts";
import type { ControlMessage, Refusal, WorkerNews } from "../controls_wire.ts";
import { Role } from "./role.ts";
import { tell } from "./tell.ts";

export const MOST_WORKERS = 32;

/**
 * A worker that dies stays a member of its group until its session ends. If it came back before, all others
 * would have to wait for the dead one, too. So they go on, take its partitions over, and then it comes back.
 */
const PAUSE_MS = SESSION_MS + 1000;

export interface TeamPlan {
  /** What each worker is started with, beside its name. */
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  ending: AbortSignal;
  isHeard: boolean;
  /** So long one may take to finish its task and leave. */
  longestStopMs: number;
  onNews: (news: WorkerNews) => void;
}

/** An answer to whoever asks for a change, without its id. */
export type Answer =
  | Omit<Extract<ControlMessage, { ok: true }>, "id">
  | Omit<Extract<ControlMessage, { ok: false }>, "id">;

export class Team {
  readonly #plan: TeamPlan;
  readonly #workers = new Map<string, Role>();
  /** Those that finish their task. Their names are not given to others meanwhile. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(plan: TeamPlan) {
    this.#plan = plan;
  }

  get workers(): Role[] {
    return [...this.#workers.values()];
  }

  /** Those that run, for a gateway that has begun just now. */
  news(): WorkerNews[] {
    return this.workers.flatMap(({ name, pid }) =>
      pid === undefined ? [] : [{ name, pid, state: "started" as const }],
    );
  }

  /**
   * One more, under the lowest number that is free. `mustStart`: it is given up when it cannot be started.
   * `onStarted` is told its process id.
   */
  add(mustStart: boolean, onStarted: (pid: number) => void = () => {}): Role {
    let number = 1;
    while (this.#isTaken(`worker-${number}`)) number += 1;
    const name = `worker-${number}`;
    const { args, env, ending, isHeard, onNews } = this.#plan;
    const role = new Role({
      name,
      mustStart,
      file: "application/worker.ts",
      args: ["--name", name, ...args],
      env,
      ending,
      isHeard,
      leastPauseMs: PAUSE_MS,
      onStarted: (pid) => {
        onNews({ name, pid, state: "started" });
        onStarted(pid);
      },
      onEnded: (pid, { signal }) => onNews({ name, pid, state: signal === null ? "ended" : "killed" }),
    });
    this.#workers.set(name, role);
    return role;
  }

  /** For the board. Resolves when the process is there. */
  tryToAdd(): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.#workers.size < MOST_WORKERS) {
        const { name } = this.add(false, (pid) => resolve({ ok: true, worker: name, pid }));
      } else resolve(refuse("too-many-workers", `There are ${MOST_WORKERS} workers: stop one first`));
    });
  }

  /** Ends one for good. Does not wait until it has finished its task. */
  tryToStop(name: string): Answer {
    return this.#with(name, (role) => {
      this.#workers.delete(name);
      const left = role.stop(this.#plan.longestStopMs).then(() => tell(name, "has left"));
      this.#leaving.set(name, left);
      void left.then(() => this.#leaving.delete(name));
    });
  }

  /** As a crash would: it comes back. */
  tryToKill(name: string): Answer {
    return this.#with(name, (role) => role.kill());
  }

  async stop(): Promise<void> {
    const stopping = this.workers.map((role) => role.stop(this.#plan.longestStopMs));
    await Promise.all([...stopping, ...this.#leaving.values()]);
  }

  #isTaken(name: string): boolean {
    return this.#workers.has(name) || this.#leaving.has(name);
  }

  #with(name: string, act: (role: Role) => void): Answer {
    const role = this.#workers.get(name);
    if (role === undefined) {
      const names = [...this.#workers.keys()].join(", ") || "none";
      return refuse("unknown-worker", `The application has no worker of this name: there are ${names}`);
    }
    const { pid } = role;
    if (pid === undefined)
      return refuse("worker-not-running", `${name} does not run now: it is about to come back`);
    act(role);
    return { ok: true, worker: name, pid };
  }
}

function refuse(refusal: Refusal, error: string): Answer {
  return { ok: false, refusal, error };
}
