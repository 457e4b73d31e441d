/** The workers of a demonstration of stage 5: they come, share the partitions, and one may be killed. */
import { PARTITIONS } from "../harness/lines.ts";
import type { Program } from "../harness/programs.ts";
import { startShown } from "./narrate.ts";

/** Of `tasks`, as 5_task_queue/kafka_setup.ts makes it. */
const ALL_PARTITIONS = 12;

export interface Member {
  name: string;
  program: Program;
}

export class Team {
  readonly members: Member[] = [];
  readonly #env: Record<string, string>;
  readonly #inferenceTime: number;

  /** `env` says which Kafka; `inferenceTime` is in seconds. */
  constructor(env: Record<string, string>, inferenceTime: number) {
    this.#env = env;
    this.#inferenceTime = inferenceTime;
  }

  /** Starts workers until there are so many, and waits until they share the partitions evenly. */
  async growTo(count: number): Promise<void> {
    while (this.members.length < count) {
      const name = `worker-${this.members.length + 1}`;
      const args = ["--name", name, "--inference-time", String(this.#inferenceTime)];
      const program = startShown(name, "5_task_queue/worker.ts", args, { env: this.#env });
      this.members.push({ name, program });
    }
    const [least, most] = [Math.floor(ALL_PARTITIONS / count), Math.ceil(ALL_PARTITIONS / count)];
    await Promise.all(
      this.members.map(({ program }) =>
        program.waitForState(PARTITIONS, ([, , , owned]) => Number(owned) >= least && Number(owned) <= most),
      ),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ program }) => program.stop()));
  }
}
