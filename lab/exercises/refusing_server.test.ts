import { expect, test } from "vitest";
import { run, start } from "../harness/programs.ts";

const SERVER = "lab/exercises/refusing_server.ts";
const IRIS = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });

test("gives the answers in their order, and then the last one again", async () => {
  const server = start(SERVER, ["503:2", "422", "503", "200", "--port", "0"]);
  const [, url = ""] = await server.waitFor(/^Serves on (http:\S+) \(pid \d+, Ctrl-C stops\)$/);
  const seen: unknown[] = [];
  for (const body of [IRIS, IRIS, IRIS, IRIS, IRIS, "rubbish"]) {
    const response = await fetch(`${url}/iris-classifier`, { method: "POST", body });
    const { iris_type, error } = (await response.json()) as { iris_type?: number; error?: { code: string } };
    seen.push([response.status, response.headers.get("Retry-After"), iris_type ?? error?.code]);
  }
  expect(seen).toEqual([
    [503, "2", "at_limit"],
    [422, null, "invalid_input"],
    [503, null, "at_limit"],
    [200, null, 1],
    [200, null, 1],
    [200, null, "invalid_input"],
  ]);
  expect((await server.stop()).exitCode).toBe(0);
});

test.each([["404"], ["503:"], ["422:1"], []])(
  "wrong usage (%s) is one line and exit code 2",
  async (...args) => {
    const { exitCode, stdout, stderr } = await run(SERVER, args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
  },
);
