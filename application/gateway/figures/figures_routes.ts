/** GET /figures: counts, rates and times of the last ten minutes. */
import type { FastifyInstance } from "fastify";
import type { GatewayContext } from "../context.ts";
import { queueReaderOf } from "../queue/queue_reader.ts";
import { figureCommands } from "./figure_commands.ts";
import type { Figures } from "./figures_schema.ts";
import { QueueSamples } from "./queue_samples.ts";
import { FIGURE_SECONDS, readFigures } from "./read_figures.ts";
import { StoredBuckets } from "./stored_buckets.ts";

/** GET /figures: the last ten minutes. */
export function addFiguresRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { database } = context.view;
  const reader = queueReaderOf(context);
  const samples = new QueueSamples(() => reader.read(), FIGURE_SECONDS);
  const stored = new StoredBuckets(context.resultsFile, FIGURE_SECONDS * 1000);
  app.addHook("preClose", async () => samples.close());

  app.get("/figures", async ({ protocol, host }): Promise<Figures> => {
    const [isThere] = await Promise.all([stored.read(), reader.stored.count()]);
    const sources = {
      ...{ database, samples },
      stored: isThere ? stored : undefined,
      storedTotal: reader.stored.value(),
    };
    return {
      ...readFigures(sources, reader.read()),
      sources: figureCommands(`${protocol}://${host}`),
    };
  });
}
