/** Stage 5's exercise: who answers? The same iris is asked many times at once, of one worker and of three. */
import { formatAnswer } from "../../common/iris.ts";
import { ownsPartitions } from "../harness/lines.ts";
import { openKafkaRoom } from "./kafka_room.ts";
import type { Exercise, Started } from "./program_under_test.ts";
import { randomIris, randomWhole, toLine } from "./random_iris.ts";
import { assertRefused, assertThat } from "./requirement.ts";
import { countTasks, haveOverlapped, tasksSince } from "./worker_tasks.ts";

const CLIENT = "5_task_queue/client.ts";
const WORKER = "5_task_queue/worker.ts";
const SETUP = "5_task_queue/kafka_setup.ts";
const PARTITIONS = 12;
/** Long enough that tasks which are asked together are also done together. */
const INFERENCE_SECONDS = "0.5";

export const exercise: Exercise = {
  task: "client.ts --repeat <n> asks n times, and counts workers",
  async requirements({ run, start, classifier }) {
    const { env } = await openKafkaRoom();
    const workers: Started[] = [];
    const startWorker = (name: string) => {
      const args = ["--name", name, "--inference-time", INFERENCE_SECONDS, "--verbose"];
      workers.push(start(WORKER, args, { env }));
    };
    const sharePartitions = async () => {
      const share = PARTITIONS / workers.length;
      const all = workers.map(({ program, until }) =>
        until(ownsPartitions(program, share), `Partitions of tasks: ... (${share})`),
      );
      await Promise.all(all);
    };
    /** The commands that the student types to see the same. */
    const explain = (command: string) => {
      const commands = workers.map(
        (_, index) => `npx tsx ${WORKER} --name worker-${index + 1} --inference-time ${INFERENCE_SECONDS}`,
      );
      const others = commands.length === 0 ? ["while no worker runs"] : ["in other terminals", ...commands];
      const setUp = `npx tsx ${SETUP} --partitions ${PARTITIONS}`;
      return [setUp, ...others, "and then", command].join("\n");
    };

    const assertRepeated = async (times: number) => {
      const iris = randomIris(classifier);
      const programs = workers.map(({ program }) => program);
      const marks = programs.map((program) => program.mark());
      const input = `${toLine(iris)}\n`;
      const ran = await run(CLIENT, ["--repeat", String(times)], { env, input, explain });
      const origin = workers.length === 1 ? "1 worker" : `${workers.length} workers`;
      const expected = `${times} answers from ${origin}: ${formatAnswer(classifier.predict(iris))}`;
      assertThat(ran.exitCode === 0 && ran.stdout.trimEnd().split("\n").at(-1) === expected, ran, expected);
      const count = await countTasks(programs, marks, times);
      const wanted = `${times} tasks, each with an id of its own`;
      assertThat(count === times, ran, wanted, `${count} tasks at the workers`);
      return { ran, tasks: tasksSince(programs, marks) };
    };

    return [
      {
        claim: "one worker: --repeat n says that n answers came from 1 worker",
        check: async () => {
          const setUp = await run(SETUP, ["--partitions", String(PARTITIONS)], { env });
          assertThat(setUp.exitCode === 0, setUp, `${PARTITIONS} partitions`);
          startWorker("worker-1");
          await sharePartitions();
          await assertRepeated(randomWhole(2, 5));
        },
      },
      {
        claim: "three workers with 4 of 12 partitions each: --repeat 12 says 12 answers from 3 workers",
        check: async () => {
          for (const name of ["worker-2", "worker-3"]) startWorker(name);
          await sharePartitions();
          const { ran, tasks } = await assertRepeated(12);
          const seen = "one task after the other";
          assertThat(haveOverlapped(tasks), ran, "several workers that work at the same time", seen);
        },
      },
      {
        claim: "--repeat 0 and --repeat many are refused in one line, with exit code 2",
        check: async () => {
          for (const n of ["0", "many"])
            assertRefused(await run(CLIENT, ["--repeat", n], { env }), "--repeat");
        },
      },
      {
        claim: "as before: without --repeat each line has its answer, and --samples its summary",
        check: async () => {
          const iris = randomIris(classifier);
          const { species } = classifier.predict(iris);
          const ran = await run(CLIENT, [], { env, input: `${toLine(iris)}\n` });
          const answer = new RegExp(`^<- \\w+ ${species}, worker-\\d, \\d+ ms$`, "m");
          assertThat(
            ran.exitCode === 0 && answer.test(ran.stdout),
            ran,
            `<- ... ${species}, worker-..., ... ms`,
          );
          const many = await run(CLIENT, ["--samples", "6"], { env });
          const isDone = many.exitCode === 0 && /^6 of 6 answered in /m.test(many.stdout);
          assertThat(isDone, many, "6 of 6 answered in ...");
        },
      },
      {
        claim: "no worker: it says that no answer came, and the exit code is 1",
        check: async () => {
          await Promise.all(workers.splice(0).map((worker) => worker.stop()));
          const args = ["--repeat", "2", "--timeout", "1"];
          const input = `${toLine(randomIris(classifier))}\n`;
          const ran = await run(CLIENT, args, { env, input, explain });
          const isTold =
            ran.exitCode === 1 && /no answer/i.test(ran.stderr) && !/answers? from/.test(ran.stdout);
          assertThat(isTold, ran, "No answer within 1 s ... on stderr, and exit code 1");
        },
      },
    ];
  },
};
