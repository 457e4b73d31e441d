/** `npm run app` in a test: its lines, its processes, and what its gateway answers. */
import { setTimeout as sleep } from "node:timers/promises";
import { APP_OPENS, ROLE_READY } from "../../lab/harness/lines.ts";
import { isAlive } from "../../lab/harness/owner.ts";
import type { Program } from "../../lab/harness/programs.ts";

export const ROLES = ["gateway", "worker-1", "worker-2", "worker-3", "persister"];
export const FLOWER = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

/** The address of the board, which is the last line of the start. */
export async function opens(app: Program): Promise<string> {
  const [, url = ""] = await app.waitFor(APP_OPENS);
  return url;
}

/** The process id of a role, when it is ready; `again` after it has died. */
export async function pidOf(app: Program, role: string, again = false, from = 0): Promise<number> {
  const isReady = (text: string) => {
    const [, name, isAgain] = ROLE_READY.exec(text) ?? [];
    return name === role && (isAgain !== undefined) === again;
  };
  const { text } = await app.waitForLine(isReady, `that ${role} is ready`, from);
  return Number(ROLE_READY.exec(text)?.[3]);
}

/** Resolves when none of the processes is there any more. */
export async function hasEnded(...pids: number[]): Promise<void> {
  for (const pid of pids) while (isAlive(pid)) await sleep(20);
}

/** A body waits for the answer in the same request. */
export const post = (url: string, body?: unknown) =>
  fetch(url, {
    method: "POST",
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json", prefer: "wait=30" }, body: JSON.stringify(body) }),
  });

/** What the tests read of the answers. */
export interface Answers {
  status: string;
  type: string;
  task_id: string;
  X: { sepal_length: number };
  species: string;
  tasks: Answers[];
  results: unknown[];
  total: number;
  dead_letters: unknown[];
  workers: { name: string; pid?: number; state: string }[];
  lanes: unknown[];
  totals: { answered: number; in_progress: number; stored?: number };
  worker: string;
  pid: number;
  partition: number;
  offset: number;
  value: string;
}

export const json = async (response: Response): Promise<Answers> => JSON.parse(await response.text());
export const get = async (url: string) => json(await fetch(url));
