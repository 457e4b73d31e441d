/** Stage 4's exercise: the history of one species. Irises drawn at random go all the way through Kafka to SQLite. */
import { join } from "node:path";
import { FIELDS, type Measurements, SPECIES, type Species } from "../../common/iris.ts";
import { openKafkaRoom } from "./kafka_room.ts";
import type { Exercise, Subject } from "./program_under_test.ts";
import { pick, randomIris, randomWhole, toLine } from "./random_iris.ts";
import { demand, demandRefusal, type Ran, Unmet } from "./requirement.ts";

const HISTORY = "4_message_queue/history.ts";

export const exercise: Exercise = {
  task: "history.ts --species <name> shows the rows of one species alone",
  async requirements(subject) {
    const { env } = await openKafkaRoom();
    const db = join(subject.folder, "predictions.db");
    const absent = pick(SPECIES);
    const [early, late] = SPECIES.filter((species) => species !== absent) as [Species, Species];
    const some = (species: Species) =>
      Array.from({ length: randomWhole(3, 6) }, () => ({
        species,
        iris: randomIris(subject.classifier, species),
      }));
    // The first species lies deep under the second one.
    const rows = [...some(early), ...some(late), ...some(late)];
    const latestOf = (species: Species) => rows.filter((row) => row.species === species).reverse();

    let stored: Promise<void> | undefined;
    const history = async (...args: string[]) => {
      // Once, and when it fails, every requirement that builds on it does.
      stored ??= queueAndStore(
        subject,
        env,
        db,
        rows.map(({ iris }) => iris),
      );
      await stored;
      return subject.run(HISTORY, ["--db", db, ...args]);
    };
    const demandRows = async (expected: typeof rows, ...args: string[]) => {
      const ran = await history(...args, "--json");
      const seen = readLatest(ran).map(summarize);
      const wanted = expected.map(({ species, iris }) => summarize({ species, ...iris }));
      demand(seen.join() === wanted.join(), ran, toList(wanted), toList(seen));
    };

    return [
      {
        claim: "as before: what is queued is answered and stored, and without --species all rows are shown",
        check: () => demandRows(rows.toReversed(), "--limit", "100"),
      },
      ...[early, late].map((species) => ({
        claim: `--species ${species} shows its rows alone, the latest first`,
        check: () => demandRows(latestOf(species), "--species", species, "--limit", "100"),
      })),
      {
        claim: `--species ${early} --limit 2 shows two rows, though the latest rows are others`,
        check: () => demandRows(latestOf(early).slice(0, 2), "--species", early, "--limit", "2"),
      },
      {
        claim: `a species without rows (${absent}) shows none`,
        check: () => demandRows([], "--species", absent),
      },
      {
        claim: "without --json the table shows the same rows",
        check: async () => {
          const ran = await history("--species", early, "--limit", "2");
          const shown = [...ran.stdout.matchAll(/^│ \d+ .*│ (\w+) +│ +│ \d{4}-\S+ +│$/gm)].map(
            ([, name]) => name,
          );
          demand(shown.join() === `${early},${early}`, ran, `two rows, both ${early}`);
        },
      },
      {
        claim: "--species rose is refused in one line, with exit code 2",
        check: async () => demandRefusal(await history("--species", "rose"), "--species"),
      },
    ];
  },
};

/** The stage's own way: queued by the client, answered by a worker, stored by the persister. */
async function queueAndStore(
  { run, start }: Subject,
  env: Record<string, string>,
  db: string,
  irises: Measurements[],
): Promise<void> {
  const input = irises.map((iris) => `${toLine(iris)}\n`).join("");
  const queued = await run("4_message_queue/client.ts", [], { env, input });
  const last = irises.length - 1;
  demand(
    queued.stdout.includes(`Queued: partition 0, offset ${last}\n`),
    queued,
    `Queued: partition 0, offset ${last}`,
  );
  const worker = start("4_message_queue/worker.ts", [], { env });
  await worker.waitFor(
    new RegExp(`^Answered partition 0, offset ${last}: `),
    `Answered partition 0, offset ${last}`,
  );
  await worker.stop();
  const persister = start("4_message_queue/persister.ts", ["--db", db], { env });
  await persister.waitFor(
    new RegExp(`^Stored .*, up to offset ${last}$`),
    `Stored ..., up to offset ${last}`,
  );
  await persister.stop();
}

type Row = Measurements & { species: string };

function readLatest(ran: Ran): Row[] {
  const expected = '{"counts":[...],"latest":[...]}, and exit code 0';
  demand(ran.exitCode === 0, ran, expected);
  try {
    const { latest } = JSON.parse(ran.stdout);
    if (Array.isArray(latest)) return latest;
  } catch (error) {
    throw new Unmet(ran.command, `not JSON: ${(error as Error).message}`, expected, { cause: error });
  }
  throw new Unmet(ran.command, "JSON without a list of the latest", expected);
}

function summarize(row: Row): string {
  return `${row.species} ${FIELDS.map((field) => row[field]).join(" ")}`;
}

function toList(rows: string[]): string {
  return [`${rows.length} rows`, ...rows].join("\n");
}
