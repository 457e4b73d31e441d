import { expect, test } from "vitest";
import { run } from "../harness/programs.ts";

const DEMO = "lab/demos/demo_503.ts";

test("demo:503 shows one answer and one 503, and leaves nothing running", async () => {
  const { exitCode, stdout } = await run(DEMO, ["--inference-time", "1"]);
  expect(stdout).toMatch(/client-\d +503: The server is at its limit of 2 open requests/);
  expect(stdout).toMatch(/client-\d +Iris type: 1 \(versicolor, 96 %\)/);
  expect(stdout.match(/✓/g)).toHaveLength(3);
  expect(exitCode).toBe(0);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  const url = /serves on\s+(http:\S+)/.exec(stdout)?.[1] ?? "";
  await expect(fetch(url)).rejects.toThrow();
});

test("demo:503 fails when the claim does not hold, as on the event loop", async () => {
  const { exitCode, stdout } = await run(DEMO, ["--inference-time", "1", "--threads", "0"]);
  expect(stdout).toContain("✗ the other was refused with 503: 0 refusals");
  expect(exitCode).toBe(1);
});
