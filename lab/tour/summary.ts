/** The last screen of the tour: why the ladder is worth climbing, in figures of this run. */
import type { AtOnce, StageReport } from "../demos/report.ts";
import { colors } from "../harness/colors.ts";
import { hang } from "../harness/hang.ts";

/** Of the column of names, with the space behind it. */
const NAME_WIDTH = 14;
/** With less room behind a row of marks its figures stand on the next line. */
const ROOM_FOR_FIGURES = 34;
const ANSWERED = "●";
const STORED = "○";
const REFUSED = "×";
const LEGEND = `${ANSWERED} answered, ${STORED} stored but not told, ${REFUSED} refused and forgotten`;

const NEXT = `Try next:
  npm run demo:503
  npm run demo:balance
  npm run verify 1`;

export type Reports = ReadonlyMap<number, StageReport>;

/**
 * A row a stage that was run, two for stage 5. `inferenceTime` is what an answer was made to take, in
 * seconds.
 */
export function formatSummary(reports: Reports, width: number, inferenceTime: number): string {
  const sections = [
    ...describeOnePerson(reports, width),
    ...describeRush(reports, width, inferenceTime),
    ...describeProof(reports, width),
    ...describeFailures(reports, width),
    NEXT,
  ];
  return sections.join("\n\n");
}

/** Stages 0 to 2: whoever asks has the program and the model on a machine of their own. */
function describeOnePerson(reports: Reports, width: number): string[] {
  const [one, loop] = [reports.get(1)?.alone, reports.get(2)?.alone];
  const rows: [name: string, text: string][] = [];
  if (reports.has(0)) rows.push(["0 notebook", "only its author can ask"]);
  if (one !== undefined) rows.push(["1 command", `${formatPace(one)}: the program starts for each`]);
  if (loop !== undefined) rows.push(["2 prompt", `${formatPace(loop)}: the program starts once`]);
  if (rows.length === 0) return [];
  const shown = rows.map(([name, text]) => hang(text, width, name.padEnd(NAME_WIDTH), NAME_WIDTH));
  return [[colors().bold(hang("One person asks, one question after the other", width)), ...shown].join("\n")];
}

function formatPace({ questions, seconds }: { questions: number; seconds: number }): string {
  return `${((seconds / questions) * 1000).toFixed(1)} ms a question`;
}

/** Stages 3 to 5: many ask at the same time. */
function describeRush(reports: Reports, width: number, inferenceTime: number): string[] {
  const taskQueue = reports.get(5);
  const rows: [name: string, seen: AtOnce | undefined][] = [
    ["3 server", reports.get(3)?.atOnce],
    ["4 queue", reports.get(4)?.atOnce],
    ["5 task queue", taskQueue?.atOnce],
    ["5, one killed", taskQueue?.withOneKilled],
  ];
  const shown = rows.flatMap(([name, seen]) => (seen === undefined ? [] : drawRow(name, seen, width)));
  const total = rows.flatMap(([, seen]) => (seen === undefined ? [] : countAll(seen)))[0];
  if (total === undefined) return [];
  const head = colors().bold(hang(`${total} questions are asked at the same time`, width));
  const loop = reports.get(2)?.alone;
  const model = loop === undefined ? "" : ` (stage 2 without it: ${formatPace(loop)})`;
  const cost = `An answer is made to take ${inferenceTime} s here${model}`;
  return [[head, hang(cost, width), ...shown, hang(LEGEND, width)].join("\n")];
}

function drawRow(name: string, seen: AtOnce, width: number): string {
  const { answered, stored, refused, seconds } = seen;
  const { green, yellow, red } = colors();
  const marks =
    green(ANSWERED.repeat(answered)) + yellow(STORED.repeat(stored)) + red(REFUSED.repeat(refused));
  const figures = [
    ...(answered > 0 ? [`${answered} answered`] : []),
    ...(stored > 0 ? [`${stored} stored`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    `${seconds.toFixed(1)} s`,
  ].join(", ");
  const row = name.padEnd(NAME_WIDTH) + marks;
  const used = NAME_WIDTH + countAll(seen) + 2;
  if (width - used >= ROOM_FOR_FIGURES) return `${row}  ${figures}`;
  return `${row}\n${hang(figures, width, " ".repeat(NAME_WIDTH), NAME_WIDTH)}`;
}

function countAll({ answered, stored, refused }: AtOnce): number {
  return answered + stored + refused;
}

/** What each of the last three stages adds to the one before. */
function describeProof(reports: Reports, width: number): string[] {
  const [server, queue, taskQueue] = [3, 4, 5].map((stage) => reports.get(stage));
  const { speedUp, atOnce, withOneKilled } = taskQueue ?? {};
  if (!server?.atOnce || !queue?.atOnce || !speedUp || !atOnce || !withOneKilled) return [];
  const total = countAll(server.atOnce);
  const sentences = [
    `Stage 3 refused ${server.atOnce.refused} of ${total}. Stage 4 refused ${queue.atOnce.refused}.`,
    `Stage 4 told ${queue.atOnce.answered} of ${total} askers the answer. Stage 5 told ${atOnce.answered}.`,
    `Its ${speedUp.workers} workers were ${speedUp.factor.toFixed(1)} times as fast as one.`,
    `With one of them killed, ${withOneKilled.answered} of ${total} were still answered.`,
  ];
  return [colors().bold(sentences.map((sentence) => hang(sentence, width)).join("\n"))];
}

function describeFailures(reports: Reports, width: number): string[] {
  const failed = [...reports].filter(([, { held }]) => !held).map(([stage]) => stage);
  if (failed.length === 0) return [];
  return [colors().red(hang(`A claim did not hold in stage ${failed.join(", ")}: see above.`, width))];
}
