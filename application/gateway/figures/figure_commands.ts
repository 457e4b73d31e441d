/** For each figure a command that prints the same. */

export function figureCommands(origin: string): Record<string, string> {
  const metrics = `curl -s ${origin}/metrics`;
  const queue = `curl -s ${origin}/queue`;
  return {
    accepted: metrics,
    answered: metrics,
    failed: `curl -s '${origin}/tasks?status=FAILED'`,
    cancelled: `curl -s '${origin}/tasks?status=CANCELLED'`,
    dead_letters: "npm run dead-letters",
    stored: "npx tsx 4_message_queue/history.ts --limit 1",
    waited: metrics,
    worked: metrics,
    waiting: "npm run doctor",
    in_progress: queue,
    oldest_seconds: queue,
  };
}
