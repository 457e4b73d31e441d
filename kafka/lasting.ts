/** A broker that keeps its data: what one start has written, the next one finds. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, startBroker } from "./broker.ts";
import { isOrphaned, shown } from "./data_folder.ts";
import { freePort, portAnswers } from "./ports.ts";
import { LONGEST_STOP_MS } from "./reaper.ts";

const LOOK_EVERY_MS = 100;

export interface LastingPlan {
  /** For its clients. A program that is not Kafka may have it: then the broker gets a free one. */
  port: number;
  dataDir: string;
  /** What a person types to choose another folder. */
  otherFolder?: string;
}

interface Waiting {
  signal: AbortSignal;
  tell: (line: string) => void;
}

/** Resolves when the broker answers. Throws ProgramError when it cannot start. */
export async function startLastingBroker(plan: LastingPlan, { signal, tell }: Waiting): Promise<Broker> {
  const isTaken = await portAnswers(plan.port);
  if (isTaken) tell(`Port ${plan.port} is taken by something that is not Kafka`);
  const port = isTaken ? await freePort() : plan.port;
  // Nobody but the broker itself uses its second port: it may be any.
  const controllerPort = (await portAnswers(port + 1)) ? await freePort() : port + 1;
  return await startBroker({ ...plan, port, controllerPort, signal });
}

/**
 * Whoever kills a program and starts it again at once would find the old broker, which still answers and is
 * about to end. Resolves when it has ended, or does not.
 */
export async function untilOrphanHasEnded(dataDir: string, { signal, tell }: Waiting): Promise<void> {
  if (!isOrphaned(dataDir)) return;
  tell(`Waiting until the Kafka of an earlier start has left ${shown(dataDir)}`);
  const begun = performance.now();
  while (isOrphaned(dataDir) && performance.now() - begun < LONGEST_STOP_MS)
    await sleep(LOOK_EVERY_MS, undefined, { signal });
}
