/** Heartbeats during work that takes longer than the group's session. */

export const HEARTBEAT_MS = 500;
/** So long a group waits for a silent member. It is the least that a stock broker takes. */
export const SESSION_MS = 6000;

/** Runs long work with heartbeats. Without them the group takes the worker for dead, and repeats the task. */
export async function keepAlive<T>(heartbeat: () => Promise<void>, work: () => T | Promise<T>): Promise<T> {
  // A heartbeat that fails here fails again when the consumer sends its next one, and is dealt with there.
  const timer = setInterval(() => void heartbeat().catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
