/** What the persister has stored: GET /results, and GET /results.csv. */
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { show } from "../../../common/iris.ts";
import type { Database } from "../../../common/sqlite.ts";
import type { GatewayContext } from "../context.ts";
import { parseParameters } from "../http/parameters.ts";
import { ResultCounts } from "./counts.ts";
import { toCsv } from "./csv.ts";
import type { ResultsFilter } from "./filter.ts";
import { explain, openResults } from "./open_results.ts";
import { type Cursor, isFailure, newestFirst, type Row, theNewest } from "./read_results.ts";
import { csvQuery, listQuery, type resultListSchema } from "./results_operations.ts";
import { toJson } from "./shape.ts";

/** Who reads nothing of a download for so long is cut off. */
const STALLED_MS = 20_000;

/** GET /results, GET /results.csv. */
export function addResultsRoutes(app: FastifyInstance, { resultsFile }: GatewayContext): void {
  let counted = { identity: "", counts: new ResultCounts() };

  app.get("/results", async (request): Promise<v.InferOutput<typeof resultListSchema>> => {
    const { limit, before, ...filter } = parseParameters(listQuery, request.query);
    const cursor = before === undefined ? undefined : parseCursor(before);
    const { database, identity } = await openResults(resultsFile);
    try {
      const from = cursor ?? theNewest(database);
      // One row more tells whether there is a next page.
      const rows: Row[] = [];
      for await (const some of newestFirst(database, filter, from)) {
        rows.push(...some.slice(0, limit + 1 - rows.length));
        if (rows.length > limit) break;
      }
      const page = rows.slice(0, limit);
      if (counted.identity !== identity) counted = { identity, counts: new ResultCounts() };
      return {
        results: page.map(toJson),
        ...(rows.length > limit ? { next: formatCursor(page, from) } : {}),
        counts: await counted.counts.count(database, filter),
      };
    } catch (error) {
      throw explain(error);
    } finally {
      database.close();
    }
  });

  app.get("/results.csv", async (request, reply) => {
    const filter = parseParameters(csvQuery, request.query);
    const { database } = await openResults(resultsFile);
    reply
      .type("text/csv; charset=utf-8; header=present")
      .header("content-disposition", 'attachment; filename="results.csv"');
    if (request.method === "HEAD") {
      database.close();
      return reply.send();
    }
    // It reads on only when the client has taken what was read before.
    const csv = Readable.from(explained(toCsv(allRows(database, filter))), { objectMode: false });
    csv.once("close", () => database.close());
    reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
    return reply.send(csv);
  });
}

async function* allRows(database: Database, filter: ResultsFilter): AsyncGenerator<Row[]> {
  yield* newestFirst(database, filter, theNewest(database));
}

async function* explained<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    throw explain(error);
  }
}

const cursorSchema = v.pipe(
  v.string(),
  v.regex(/^\d{1,16}\.\d{1,16}$/),
  v.transform((text) => text.split(".").map(Number)),
);

function parseCursor(text: string): Cursor {
  const parsed = v.safeParse(cursorSchema, text);
  if (!parsed.success) throw new InputError("before", "the `next` of an earlier answer", show(text));
  const [iris_prediction = 0, iris_failure = 0] = parsed.output;
  return { iris_prediction, iris_failure };
}

/** Behind these rows, the last ones of a page. */
function formatCursor(page: readonly Row[], from: Cursor): string {
  const prediction = page.findLast((row) => !isFailure(row))?.id ?? from.iris_prediction;
  const failure = page.findLast(isFailure)?.id ?? from.iris_failure;
  return `${prediction}.${failure}`;
}
