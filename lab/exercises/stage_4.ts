/** Stage 4's exercise: the history of one species. Random irises go all the way through Kafka to SQLite. */
import { join } from "node:path";
import { FIELDS, type Measurements, SPECIES, type Species } from "../../common/iris.ts";
import { openKafkaRoom } from "./kafka_room.ts";
import type { Exercise } from "./program_under_test.ts";
import { queueAndStore } from "./queue_and_store.ts";
import { pick, randomIris, randomWhole } from "./random_iris.ts";
import { assertRefused, assertThat, type Ran, Unsatisfied } from "./requirement.ts";

const HISTORY = "4_message_queue/history.ts";

export const exercise: Exercise = {
  task: "history.ts --species <name> shows one species",
  async requirements(program) {
    const { env } = await openKafkaRoom();
    const db = join(program.folder, "predictions.db");
    const absent = pick(SPECIES);
    const [early, late] = SPECIES.filter((species) => species !== absent) as [Species, Species];
    const some = (species: Species) =>
      Array.from({ length: randomWhole(3, 6) }, () => ({
        species,
        ...randomIris(program.classifier, species),
      }));
    // The rows of the first species are older than all rows of the second one.
    const rows = [...some(early), ...some(late), ...some(late)];
    const latestOf = (species: Species) => rows.filter((row) => row.species === species).reverse();

    let stored: Promise<void> | undefined;
    const history = async (...args: string[]) => {
      // Once; when it fails, every requirement that needs it fails with it.
      stored ??= queueAndStore(program, env, db, rows);
      await stored;
      return program.run(HISTORY, ["--db", db, ...args]);
    };
    const assertRows = async (expected: Row[], ...args: string[]) => {
      const ran = await history(...args, "--json");
      const [seen, wanted] = [readLatest(ran), expected].map((rows) => rows.map(summarize));
      assertThat(seen?.join() === wanted?.join(), ran, toList(wanted), toList(seen));
    };

    return [
      {
        claim: "as before: what is queued is answered and stored, and without --species all rows are shown",
        check: () => assertRows(rows.toReversed(), "--limit", "100"),
      },
      ...[early, late].map((species) => ({
        claim: `--species ${species} shows the rows of this species, the latest first`,
        check: () => assertRows(latestOf(species), "--species", species, "--limit", "100"),
      })),
      {
        claim: `--species ${early} --limit 2 shows two rows, though the latest rows are others`,
        check: () => assertRows(latestOf(early).slice(0, 2), "--species", early, "--limit", "2"),
      },
      {
        claim: `--species ${absent}, a species without rows, shows none`,
        check: () => assertRows([], "--species", absent),
      },
      {
        claim: "without --json the table shows the same rows",
        check: async () => {
          const ran = await history("--species", early, "--limit", "2");
          const [table = ""] = ran.stdout.split(/^└/m);
          const shown = table.match(new RegExp(`\\b(${SPECIES.join("|")})\\b`, "g")) ?? [];
          assertThat(shown.join() === `${early},${early}`, ran, `two rows, both ${early}`);
        },
      },
      {
        claim: "--species rose is refused in one line, with exit code 2",
        check: async () => assertRefused(await history("--species", "rose"), "--species"),
      },
    ];
  },
};

type Row = Measurements & { species: string };

function readLatest(ran: Ran): Row[] {
  const expected = '{"counts":[...],"latest":[...],...}, and exit code 0';
  assertThat(ran.exitCode === 0, ran, expected);
  try {
    const { latest } = JSON.parse(ran.stdout);
    if (Array.isArray(latest)) return latest;
  } catch (error) {
    throw new Unsatisfied(ran.command, `not JSON: ${(error as Error).message}`, expected, { cause: error });
  }
  throw new Unsatisfied(ran.command, "JSON without a list of the latest", expected);
}

function summarize(row: Row): string {
  return `${row.species} ${FIELDS.map((field) => row[field]).join(" ")}`;
}

function toList(rows: string[] = []): string {
  return [`${rows.length} rows`, ...rows].join("\n");
}
