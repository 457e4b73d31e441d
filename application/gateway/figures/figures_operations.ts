/** GET /figures and GET /metrics, as the document describes them. */
import type { Operation } from "../openapi/operation.ts";
import { figureCommands } from "./figure_commands.ts";
import { type Figures, figuresSchema } from "./figures_schema.ts";

const EXAMPLE: Figures = {
  as_of: "2026-03-01T12:00:02.120Z",
  bucket_seconds: 5,
  buckets: [
    {
      at: "2026-03-01T12:00:00.000Z",
      accepted: 24,
      answered: 21,
      failed: 0,
      cancelled: 0,
      dead_letters: 1,
      stored: 20,
      waited: { p50: 1.2, p95: 4.1 },
      worked: { p50: 1, p95: 1 },
      waiting: 3,
      oldest_seconds: 1.1,
    },
  ],
  totals: { accepted: 24, answered: 21, failed: 0, cancelled: 0, dead_letters: 1, stored: 20 },
  per_second: { accepted: 2.4, answered: 2.1, failed: 0, cancelled: 0, dead_letters: 0.1, stored: 2 },
  waited: { p50: 1.2, p95: 4.1 },
  worked: { p50: 1, p95: 1 },
  waiting: 3,
  in_progress: 0,
  oldest_seconds: 1.1,
  sources: figureCommands("http://localhost:8080"),
};

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/figures",
    id: "getFigures",
    tag: "queue",
    summary: "Counts, rates and times of the last ten minutes, and where each comes from.",
    description:
      "By the times that the messages carry. p50 and p95 are within a tenth of the true ones; beside the " +
      "buckets, they are of all ten minutes.",
    answers: { 200: { description: "The figures as they are now.", schema: figuresSchema } },
    examples: [{ name: "the figures", status: 200, answer: EXAMPLE }],
  },
  {
    method: "GET",
    path: "/metrics",
    id: "getMetrics",
    tag: "service",
    summary: "For Prometheus.",
    answers: {
      200: { description: "Prometheus' text format.", contentType: "text/plain" },
    },
    examples: [{ name: "a scrape", status: 200 }],
  },
];
