/** Stage 5's exercise: who answers? The same iris is asked many times at once, of one worker and of three. */
import { setTimeout as sleep } from "node:timers/promises";
import { formatAnswer } from "../../common/iris.ts";
import { openKafkaRoom } from "./kafka_room.ts";
import type { Exercise, Started } from "./program_under_test.ts";
import { randomIris, randomWhole, toLine } from "./random_iris.ts";
import { demand, demandRefusal, type Ran } from "./requirement.ts";

const CLIENT = "5_task_queue/client.ts";
/** Long enough that tasks which are asked together are also done together. */
const INFERENCE_SECONDS = "0.5";

export const exercise: Exercise = {
  task: "client.ts --repeat <n> asks the same iris n times at once, and says how many workers answered",
  async requirements({ run, start, classifier }) {
    const { env } = await openKafkaRoom();
    const workers: Started[] = [];
    const work = async (name: string) => {
      const worker = start(
        "5_task_queue/worker.ts",
        ["--name", name, "--inference-time", INFERENCE_SECONDS],
        { env },
      );
      workers.push(worker);
      await worker.waitFor(/^My partitions: \d/, "My partitions: ...");
    };

    const demandRepeated = async (times: number, count: number) => {
      const iris = randomIris(classifier);
      const known = workers.map(({ lines }) => lines.length);
      const ran = await run(CLIENT, ["--repeat", String(times)], { env, input: `${toLine(iris)}\n` });
      const origin = count === 1 ? "1 worker" : `${count} workers`;
      const expected = `${times} answers from ${origin}: ${formatAnswer(classifier.predict(iris))}`;
      demand(ran.exitCode === 0 && ran.stdout.trimEnd() === expected, ran, expected);
      const done = () => workers.map(({ lines }, index) => lines.slice(known[index]).flatMap(readTask));
      const countTasks = () => new Set(done().flatMap((tasks) => tasks.map(({ id }) => id))).size;
      // A worker's line may still be on its way here when the client has ended already.
      for (let left = 40; left > 0 && countTasks() < times; left -= 1) await sleep(50);
      const seen = `${countTasks()} tasks at the workers`;
      demand(countTasks() === times, ran, `${times} tasks, each with an id of its own`, seen);
      return { ran, done: done() };
    };

    return [
      {
        claim: "one worker: so many answers from 1 worker",
        check: async () => {
          const setUp = await run("5_task_queue/kafka_setup.ts", ["--partitions", "12"], { env });
          demand(setUp.exitCode === 0, setUp, "12 partitions");
          await work("worker-1");
          await demandRepeated(randomWhole(2, 5), 1);
        },
      },
      {
        claim: "three workers with 4 of 12 partitions each: --repeat 12 says 12 answers from 3 workers",
        check: async () => {
          await Promise.all([work("worker-2"), work("worker-3")]);
          await Promise.all(
            workers.map((worker) => worker.waitFor(/^My partitions: .* \(4\)$/, "4 partitions")),
          );
          const { ran, done } = await demandRepeated(12, 3);
          demand(
            overlap(done),
            ran,
            "tasks that several workers do at the same time",
            "one task after the other",
          );
        },
      },
      {
        claim: "--repeat 0 and --repeat many are refused in one line, with exit code 2",
        check: async () => {
          for (const n of ["0", "many"])
            demandRefusal(await run(CLIENT, ["--repeat", n], { env }), "--repeat");
        },
      },
      {
        claim: "as before: without --repeat each line has its answer, and --samples its summary",
        check: async () => {
          const iris = randomIris(classifier);
          const ran = await run(CLIENT, [], { env, input: `${toLine(iris)}\n` });
          demandLine(ran, `${formatAnswer(classifier.predict(iris))} for ${toLine(iris)}, worker-`);
          demandLine(await run(CLIENT, ["--samples", "6"], { env }), "6 of 6 answered in ");
        },
      },
      {
        claim: "no worker: it says that no answer came, and exits with 1",
        check: async () => {
          await Promise.all(workers.map((worker) => worker.stop()));
          const args = ["--repeat", "2", "--timeout", "1"];
          const ran = await run(CLIENT, args, { env, input: `${toLine(randomIris(classifier))}\n` });
          const isTold = ran.exitCode === 1 && ran.stdout === "" && /no answer/i.test(ran.stderr);
          demand(isTold, ran, "No answer within 1 s ... on stderr, and exit code 1");
        },
      },
    ];
  },
};

interface Task {
  id: string;
  /** In milliseconds. */
  start: number;
  end: number;
}

/** A worker's line about a task: Task <id>, partition 3, 502 ms. */
function readTask({ text, at }: Started["lines"][number]): Task[] {
  const [, id, milliseconds] = /^Task (\S+), partition \d+, (\d+) ms$/.exec(text) ?? [];
  return id === undefined ? [] : [{ id, start: at - Number(milliseconds), end: at }];
}

/** Whether two workers had a task in hand at the same time. */
function overlap([mine = [], ...others]: Task[][]): boolean {
  if (others.length === 0) return false;
  const isShared = mine.some(({ start, end }) =>
    others.flat().some((task) => task.start < end && start < task.end),
  );
  return isShared || overlap(others);
}

function demandLine(ran: Ran, start: string): void {
  const isThere = ran.stdout.split("\n").some((line) => line.startsWith(start));
  demand(ran.exitCode === 0 && isThere, ran, `${start}...`);
}
