/** The whole application: a Kafka, the topics, and the roles in the order in which they begin and end. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ProgramError } from "../../common/errors.ts";
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { obey } from "./controls.ts";
import { type KafkaPlan, openKafkaRole } from "./kafka_role.ts";
import { prepareTopics } from "./prepare_topics.ts";
import { Role } from "./role.ts";
import { Team } from "./team.ts";
import { tell } from "./tell.ts";

/** So long a role has to end: a consumer that leaves while Kafka is away takes 5 s. */
const LONGEST_STOP_MS = 10_000;

export interface ApplicationPlan extends KafkaPlan {
  port: number;
  workers: number;
  /** Seconds. */
  inferenceTime: number;
  cpuBound: boolean;
  /** Further names under which the gateway may be asked. */
  allowHost: readonly string[];
  /** Whether the lines of all roles are shown. */
  verbose: boolean;
}

export class Application {
  readonly #plan: ApplicationPlan;
  readonly #stopping = new AbortController();
  /** How to end what has begun. What was begun last is ended first. */
  readonly #undos: (() => Promise<unknown>)[] = [];
  #starting: Promise<unknown> = Promise.resolve();

  constructor(plan: ApplicationPlan) {
    this.#plan = plan;
  }

  /**
   * Resolves with the address when all roles are ready. Throws ProgramError when one cannot be started; what
   * has begun goes on until stop().
   */
  start(): Promise<string> {
    const starting = this.#start();
    this.#starting = starting.catch(() => {}); // Whoever started it is told.
    return starting;
  }

  /** Ends all: workers and gateway, then the persister, then a Kafka that was started for them. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("it is to end"));
    await this.#starting;
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) await undo();
  }

  async #start(): Promise<string> {
    const { signal } = this.#stopping;
    const { data } = this.#plan;
    if (data !== undefined) makeFolder(data);
    const kafka = await openKafkaRole(this.#plan, signal);
    this.#undos.push(() => kafka.stop());
    const env = { ...this.#plan.env, KAFKA_BROKERS: kafka.brokers };
    const connection = await connectKafka(readKafkaSettings(env), `app:${process.pid}`);
    tell("topics", await prepareTopics(connection, this.#plan.workers));
    await connection.close();
    signal.throwIfAborted();

    const persister = this.#startPersister(env);
    this.#undos.push(() => persister.stop(LONGEST_STOP_MS));
    const team = this.#createTeam(env, (news) => gateway.send({ worker: news }));
    const gateway = this.#startGateway(env, team);
    this.#undos.push(() => Promise.all([team.stop(), gateway.stop(LONGEST_STOP_MS)]));
    for (let count = 0; count < this.#plan.workers; count += 1) team.add(true);

    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const roles = [gateway, ...team.workers, persister].map(({ ready }) => ready);
    const [url = ""] = await Promise.race([Promise.all(roles), aborted]);
    return url;
  }

  #startGateway(env: NodeJS.ProcessEnv, team: Team): Role {
    const { port, data, allowHost, verbose } = this.#plan;
    const gateway: Role = new Role({
      name: "gateway",
      ending: this.#stopping.signal,
      mustStart: true,
      file: "application/gateway/program.ts",
      args: [
        ...["--port", String(port), ...this.#db()],
        ...(data === undefined ? [] : ["--data", data]),
        ...(allowHost.length === 0 ? [] : ["--allow-host", ...allowHost]),
      ],
      env: { ...env, IRIS_APP: "1" },
      isHeard: verbose,
      onReady: () => {
        for (const news of team.news()) gateway.send({ worker: news });
      },
      onMessage: (message) => void obey(message, team, (answer) => gateway.send(answer)),
    });
    return gateway;
  }

  #startPersister(env: NodeJS.ProcessEnv): Role {
    return new Role({
      name: "persister",
      ending: this.#stopping.signal,
      mustStart: true,
      file: "application/persister.ts",
      args: this.#db(),
      env,
      isHeard: this.#plan.verbose,
    });
  }

  #createTeam(env: NodeJS.ProcessEnv, onNews: ConstructorParameters<typeof Team>[0]["onNews"]): Team {
    const { inferenceTime, cpuBound, verbose } = this.#plan;
    return new Team({
      args: [
        ...["--inference-time", String(inferenceTime)],
        ...(cpuBound ? ["--cpu-bound"] : []),
        ...(verbose ? [] : ["--quiet"]),
      ],
      env,
      ending: this.#stopping.signal,
      isHeard: verbose,
      longestStopMs: LONGEST_STOP_MS + inferenceTime * 1000,
      onNews,
    });
  }

  #db(): string[] {
    const { data } = this.#plan;
    return data === undefined ? [] : ["--db", join(data, "predictions.db")];
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ProgramError(`Cannot make the folder ${folder} (${code}): choose another --data`, { cause });
  }
}
