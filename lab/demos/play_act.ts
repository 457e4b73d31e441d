/**
 * Plays one act of stage 5: the team answers questions that are asked at once. All figures are read from its
 * lines.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { formatLine, type Measurements } from "../../common/iris.ts";
import { ASKED, PARTITIONS, TASK_DONE, TOLD } from "../harness/lines.ts";
import type { Exit, Mark, Program } from "../harness/programs.ts";
import type { Act, ActWorker } from "./acts.ts";
import { killShown, say, startShown } from "./narrate.ts";
import type { AtOnce } from "./report.ts";
import type { Member } from "./team.ts";

const CLIENT = "5_task_queue/client.ts";

export interface Played {
  act: Omit<Act, "title">;
  atOnce: AtOnce;
  busyWorkers: number;
  /** How long the partitions of the killed worker had no owner. */
  secondsWithoutOwner: number;
}

export interface ActOptions {
  env: Record<string, string>;
  team: readonly Member[];
  questions: readonly Measurements[];
  inferenceTime: number;
  /**
   * The member of the team that is killed in the middle of a task, when it has done a quarter of its share.
   */
  victim?: Member;
}

/** Returns when all questions are answered, or were given up. */
export async function playAct({ env, team, questions, inferenceTime, victim }: ActOptions): Promise<Played> {
  const marks = new Map(team.map(({ program }) => [program, program.mark()]));
  // One worker alone may have to do them all.
  const timeout = String(Math.ceil(questions.length * inferenceTime) + 60);
  const input = questions.map((question) => `${formatLine(question)}\n`).join("");
  const client = startShown("client", CLIENT, ["--timeout", timeout], { env, input, hide: true });
  const quarter = Math.max(1, Math.floor(questions.length / team.length / 4));
  const killed =
    victim === undefined ? undefined : await killInTheMiddle(victim, { team, marks, quarter, inferenceTime });
  const answered = countAnswers(await client.exited);
  say("client", `${answered} of ${questions.length} tasks are answered.`);

  const workers = team.map(({ name, program }): ActWorker => {
    const worker = { name, tasks: readTasks(program, marks.get(program) ?? 0) };
    return victim?.program === program && killed !== undefined ? { ...worker, killed } : worker;
  });
  const tasks = workers.flatMap((worker) => worker.tasks);
  const start = tasks.reduce((first, task) => Math.min(first, task.start), Number.POSITIVE_INFINITY);
  const end = tasks.reduce((last, task) => Math.max(last, task.end), Number.NEGATIVE_INFINITY);
  const rebalances = team.flatMap(({ program }) =>
    program.lines.slice(marks.get(program)).flatMap(({ text, at }) => (PARTITIONS.test(text) ? at : [])),
  );
  return {
    act: { start, end, workers, rebalances },
    atOnce: { answered, refused: 0, stored: 0, seconds: (end - start) / 1000 },
    busyWorkers: workers.filter((worker) => worker.tasks.length > 0).length,
    secondsWithoutOwner: killed === undefined ? 0 : (killed.ownedAgainAt - killed.at) / 1000,
  };
}

/** Two clients with a question each; returns how many of them got the answer to their own. */
export async function showTwoClients(
  env: Record<string, string>,
  questions: readonly Measurements[],
): Promise<number> {
  const clients = questions.slice(0, 2).map((question, index) => {
    const input = `${formatLine(question)}\n`;
    return startShown(`client-${index + 1}`, CLIENT, [], { env, input });
  });
  const exits = await Promise.all(clients.map((client) => client.exited));
  const idIn = (text: string, pattern: RegExp) =>
    text.split("\n").flatMap((line) => pattern.exec(line)?.[1] ?? []);
  return exits.filter(({ stdout }) => {
    const [asked, told] = [idIn(stdout, ASKED), idIn(stdout, TOLD)];
    return asked.length === 1 && asked[0] === told[0];
  }).length;
}

interface Kill {
  team: readonly Member[];
  marks: ReadonlyMap<Program, Mark>;
  /** So many tasks it does before. */
  quarter: number;
  inferenceTime: number;
}

async function killInTheMiddle(victim: Member, { team, marks, quarter, inferenceTime }: Kill) {
  let done = 0;
  await victim.program.waitForLine(
    (text) => {
      if (TASK_DONE.test(text)) done += 1;
      return done === quarter;
    },
    `that makes it ${quarter} tasks`,
    marks.get(victim.program),
  );
  // A worker that has done a task is at the next one.
  await sleep((inferenceTime / 2) * 1000);
  const survivors = team.filter((member) => member !== victim).map(({ program }) => program);
  const before = survivors.map((program) => program.mark());
  const at = performance.now();
  await killShown(victim.name, victim.program);
  const told = await Promise.all(
    survivors.map((program, index) =>
      program.waitForLine((text) => PARTITIONS.test(text), "about its partitions", before[index]),
    ),
  );
  return { at, ownedAgainAt: told.reduce((last, line) => Math.max(last, line.at), at) };
}

function countAnswers({ stdout }: Exit): number {
  return stdout.split("\n").filter((line) => TOLD.test(line)).length;
}

/** When each task was done, by the lines that the worker has printed since the mark. */
function readTasks(program: Program, mark: Mark) {
  return program.lines.slice(mark).flatMap(({ text, at }) => {
    const milliseconds = Number(TASK_DONE.exec(text)?.[4] ?? Number.NaN);
    return Number.isNaN(milliseconds) ? [] : [{ start: at - milliseconds, end: at }];
  });
}
