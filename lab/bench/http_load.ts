/** Requests over HTTP as fast as they are answered, by autocannon, which runs in this process. */
import autocannon from "autocannon";
import { quantile } from "./statistics.ts";

/** Requests a second, and percentiles of the time to an answer, in milliseconds. */
export interface HttpLoad {
  rate: number;
  p50: number;
  p99: number;
}

/** Throws when an answer has another status than 2xx, or none comes. */
export async function loadHttp(how: autocannon.Options): Promise<HttpLoad> {
  const times: number[] = [];
  const result = await autocannon({
    // autocannon's own percentiles are whole milliseconds, too coarse for one connection.
    setupClient: (client) =>
      client.on("response", (_status, _bytes, milliseconds) => times.push(milliseconds)),
    ...how,
  });
  if (result.non2xx + result.errors > 0)
    throw new Error(`${how.url}: ${result.non2xx} bad answers, ${result.errors} errors`);
  return { rate: result.requests.average, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
