/** A broker for a while: on a free port, in a temporary folder that is deleted with it. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteCode } from "../common/sqlite.ts";
import { type Broker, type BrokerOptions, startBroker } from "./broker.ts";
import { logDir } from "./data_folder.ts";
import { isLocked, tryLock } from "./lock.ts";
import { freePort } from "./ports.ts";

const PREFIX = "iris-kafka-";
/** Held as long as the folder is needed, also while its broker is stopped. */
const LOCK = "owner.lock";
/** Made when the lock is held. A folder without it has an owner who is about to take the lock. */
const DATA = "data";

export interface TemporaryBroker {
  broker: Broker;
  /** Stops the broker, if it still runs, and deletes its folder. */
  close(): Promise<void>;
}

/** Resolves when the broker answers. When the start fails or is aborted, nothing of it is left. */
export async function startTemporaryBroker(options: Partial<BrokerOptions> = {}): Promise<TemporaryBroker> {
  await sweepTemporaryBrokers();
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const release = tryLock(join(folder, LOCK));
  await mkdir(join(folder, DATA));
  const remove = async () => {
    // Windows does not delete a file that is open.
    release?.();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  try {
    const broker = await startBroker({ port: await freePort(), dataDir: join(folder, DATA), ...options });
    const close = async () => {
      await broker.stop();
      await remove();
    };
    return { broker, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Deletes what temporary brokers left behind whose owner was killed, and returns the folders that it deleted.
 * A folder that is in use is left alone, and so is one whose broker has not ended yet.
 */
export async function sweepTemporaryBrokers(): Promise<string[]> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  const leftovers = names.map((name) => join(tmpdir(), name)).filter(isLeftover);
  const deleted = await Promise.all(leftovers.map(remove));
  return leftovers.filter((_, index) => deleted[index]);
}

function isLeftover(folder: string): boolean {
  const [lock, data] = [join(folder, LOCK), join(folder, DATA)];
  if (!existsSync(lock) || !existsSync(data)) return false;
  const locks = [lock, join(logDir(data), ".lock")];
  try {
    return !locks.some((file) => existsSync(file) && isLocked(file));
  } catch (error) {
    // Another program deletes the folder at this moment.
    if (sqliteCode(error) !== undefined) return false;
    throw error;
  }
}

/** False when somebody else is about to do the same, or when the folder belongs to another user. */
async function remove(folder: string): Promise<boolean> {
  return await rm(folder, { recursive: true, maxRetries: 3 }).then(
    () => true,
    () => false,
  );
}
