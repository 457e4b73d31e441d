/** Which Redis the BullMQ baseline uses, and whether one answers there. */
import { Redis } from "ioredis";
import { readVariable } from "../../../common/environment.ts";

/** Reads REDIS_URL and BENCH_QUEUE, the queue's name, which the benchmark sets. */
export function readRedis(env: NodeJS.ProcessEnv) {
  const url = readVariable(env, "REDIS_URL") ?? "redis://localhost:6379";
  // BullMQ asks for null: its worker waits for tasks as long as it takes.
  return {
    connection: { url, maxRetriesPerRequest: null },
    queue: readVariable(env, "BENCH_QUEUE") ?? "bench",
  };
}

/** Resolves with an error's message when there is none. */
export async function explainNoRedis(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { url } = readRedis(env).connection;
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2000 });
  redis.on("error", () => {}); // ping() tells of it.
  try {
    await redis.ping();
    return undefined;
  } catch {
    return `no Redis answers at ${new URL(url).host}`;
  } finally {
    redis.disconnect();
  }
}
