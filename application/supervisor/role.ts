/** A program that is to run as long as the application does: when it dies, it is started again. */
import * as v from "valibot";
import { ProgramError } from "../../common/errors.ts";
import { readySchema } from "../supervised.ts";
import { type Child, type ChildPlan, type Exit, startChild } from "./child.ts";
import { tell, tellTrouble } from "./tell.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Who has lived so long begins again with the first pause. */
export const HEALTHY_MS = 60_000;

export interface RolePlan extends Pick<ChildPlan, "file" | "args" | "env" | "isHeard"> {
  /** Stands before its lines. */
  name: string;
  /** Aborted when the application ends: who dies then is not started again. */
  ending: AbortSignal;
  /** Whether it is given up, and not started again, when it ends with an error before it was ever ready. */
  mustStart: boolean;
  /** So long it is at least away after it has died in its work. */
  leastPauseMs?: number;
  /** It runs, under this process id. */
  onStarted?: (pid: number) => void;
  /** It does its work: after each start. */
  onReady?: () => void;
  onMessage?: (message: unknown) => void;
  onEnded?: (pid: number, exit: Exit) => void;
}

export class Role {
  readonly name: string;
  /**
   * Resolves when it does its work for the first time, with the address that it names, if it names one.
   * Rejects with its last line when it is given up.
   */
  readonly ready: Promise<string | undefined>;
  #onFirstReady: (url: string | undefined) => void = () => {};
  #onFailedStart: (error: ProgramError) => void = () => {};
  readonly #plan: RolePlan;
  #child: Child | undefined;
  #isReady = false;
  #wasReady = false;
  /** Of the first start, whose last line may be the reason why there is no application. */
  #held: string[] = [];
  /** Since it last lived long enough. */
  #deaths = 0;
  #pause: NodeJS.Timeout | undefined;
  #isStopping = false;
  #life: Promise<void>;

  constructor(plan: RolePlan) {
    this.name = plan.name;
    this.#plan = plan;
    this.ready = new Promise((resolve, reject) => {
      this.#onFirstReady = resolve;
      this.#onFailedStart = reject;
    });
    this.ready.catch(() => {}); // Whoever awaits it is told.
    this.#life = this.#live();
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  send(message: unknown): void {
    this.#child?.send(message);
  }

  /** As a crash would: it is started again. */
  kill(): void {
    this.#child?.kill();
  }

  /** Ends it for good, by force when that takes longer than so many milliseconds. */
  async stop(longest: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#pause);
    this.#child?.stop();
    const force = setTimeout(() => this.#child?.kill(), longest);
    await this.#life;
    clearTimeout(force);
  }

  async #live(): Promise<void> {
    const begun = performance.now();
    this.#isReady = false;
    const child = await startChild({
      ...this.#plan,
      onLine: (text, from) => this.#pass(text, from),
      onMessage: (message) => {
        const ready = v.safeParse(readySchema, message);
        if (!ready.success) this.#plan.onMessage?.(message);
        else if (!this.#isReady) this.#begins(ready.output.url);
      },
    }).catch((error: Error) => error);
    if (child instanceof Error) return this.#died(`cannot be started (${child.message})`, 1);
    this.#child = child;
    if (this.#isStopping) child.stop();
    this.#plan.onStarted?.(child.pid);
    const exit = await child.exited;
    this.#child = undefined;
    this.#plan.onEnded?.(child.pid, exit);
    if (performance.now() - begun > HEALTHY_MS) this.#deaths = 0;
    const { code, signal } = exit;
    this.#died(signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`, code);
  }

  #died(how: string, exitCode: number | null): void {
    if (this.#isStopping || this.#plan.ending.aborted) return;
    if (this.#plan.mustStart && !this.#wasReady && exitCode !== null && exitCode !== 0) {
      this.#isStopping = true;
      const why = this.#held.pop() ?? how;
      this.#tellHeld();
      this.#onFailedStart(new ProgramError(`${this.name}: ${why}`, { exitCode }));
      return;
    }
    this.#tellHeld();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#deaths, LONGEST_PAUSE_MS);
    this.#deaths += 1;
    const wait = Math.max(pause, this.#isReady ? (this.#plan.leastPauseMs ?? 0) : 0);
    tellTrouble(this.name, `${how}; it is started again in ${wait / 1000} s`);
    this.#pause = setTimeout(() => {
      this.#life = this.#live();
    }, wait);
  }

  #begins(url: string | undefined): void {
    tell(this.name, `ready${this.#wasReady ? " again" : ""} (pid ${this.pid})`);
    this.#isReady = true;
    this.#wasReady = true;
    this.#tellHeld();
    this.#onFirstReady(url);
    this.#plan.onReady?.();
  }

  #pass(text: string, from: "stdout" | "stderr"): void {
    if (from === "stdout") tell(this.name, text);
    else if (this.#wasReady) tellTrouble(this.name, text);
    else this.#held.push(text);
  }

  #tellHeld(): void {
    for (const line of this.#held.splice(0)) tellTrouble(this.name, line);
  }
}
