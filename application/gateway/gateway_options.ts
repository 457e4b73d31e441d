/** The gateway's own kinds of options. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExpectationError } from "../../common/cli.ts";

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** What a gateway keeps lies where everything lies that can be made again. */
const CACHE = fileURLToPath(new URL("../../.cache/application", import.meta.url));

/** Reads a time such as 30m, 24h or 7d; milliseconds. */
export function keepTime(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS_MS[unit] ?? Number.NaN);
  if (milliseconds > 0) return milliseconds;
  throw new ExpectationError("a time such as 30m, 24h or 7d");
}

/**
 * Each port has its own, so that two gateways of one machine do not share a view. A free port: each process.
 */
export function dataFolder(port: number): string {
  return join(CACHE, port === 0 ? `process-${process.pid}` : String(port));
}
