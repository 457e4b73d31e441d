/** How a long-running program ends: it finishes what it has begun, whatever asks it to end. */

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm or tsx (27 ms apart with npm 11). */
const ECHO_MS = 500;

/**
 * Runs `stop` once, at the first SIGINT (Ctrl-C), SIGTERM or SIGHUP, then exits with `exitCode`. A second one
 * does not wait: exit code 130. Windows has no SIGTERM for processes, so a parent with an IPC channel may
 * send the message "shutdown" instead.
 */
export function onShutdown(stop: () => Promise<void>, exitCode = 0): void {
  let begun: number | undefined;
  const begin = async () => {
    if (begun === undefined) {
      begun = performance.now();
      await stop();
      process.exit(exitCode);
    } else if (performance.now() - begun > ECHO_MS) {
      process.exit(130);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, begin);
  process.on("message", (message) => {
    if (message === "shutdown") void begin();
  });
  // The listener above would keep a program alive for its parent's sake alone.
  process.channel?.unref();
}

/**
 * Ctrl-C at a terminal that readline reads key by key: no signal comes then, so this does what it would do.
 */
export function interrupt(): void {
  if (!process.emit("SIGINT", "SIGINT")) process.exit(130);
}
