/** What was set aside, and the way back into the queue: /dead-letters. */
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { show } from "../../../common/iris.ts";
import type { GatewayContext } from "../context.ts";
import { throwIfBehind } from "../deadline.ts";
import { abortedOnHangUp } from "../http/hang_up.ts";
import { parseParameters } from "../http/parameters.ts";
import { type letterListSchema, listQuery, placeParams, replayQuery } from "./dead_letters_operations.ts";
import { letterAt, putBack } from "./put_back.ts";
import { countLetters, type LetterCursor, listLetters, toJson } from "./read_letters.ts";

/** GET /dead-letters, GET /dead-letters/<partition>/<offset>, and the replay. */
export function addDeadLetterRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { view } = context;

  app.get("/dead-letters", async (request): Promise<v.InferOutput<typeof letterListSchema>> => {
    const { limit, before } = parseParameters(listQuery, request.query);
    const from = before === undefined ? undefined : parseCursor(before);
    throwIfBehind(view);
    const { letters, next } = await listLetters(view.database, limit, from);
    return {
      dead_letters: letters,
      ...(next === undefined ? {} : { next: formatCursor(next) }),
      total: countLetters(view.database),
    };
  });

  app.get("/dead-letters/:partition/:offset", async (request) => {
    const place = parseParameters(placeParams, request.params);
    return toJson(await letterAt(context, place));
  });

  app.post(
    "/dead-letters/:partition/:offset/replay",
    { config: { isBodyOptional: true } },
    async (request, reply) => {
      const place = parseParameters(placeParams, request.params);
      const { again } = parseParameters(replayQuery, request.query);
      const edit = request.body;
      const replayed = await putBack(context, place, {
        edit,
        again: again === "true",
        signal: abortedOnHangUp(reply),
      });
      return reply
        .code(202)
        .header("location", `/tasks/${replayed.task_id}`)
        .header("retry-after", "1")
        .send(replayed);
    },
  );
}

const cursorSchema = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,16}\.\d{1,16}\.\d{1,16}$/),
  v.transform((text) => text.split(".").map(Number)),
);

function parseCursor(text: string): LetterCursor {
  const parsed = v.safeParse(cursorSchema, text);
  if (!parsed.success) throw new InputError("before", "the `next` of an earlier answer", show(text));
  const [at = 0, partition = 0, offset = 0] = parsed.output;
  return { at, partition, offset };
}

function formatCursor({ at, partition, offset }: LetterCursor): string {
  return `${at}.${partition}.${offset}`;
}
