import { afterAll, beforeAll } from "vitest";
import { FIELDS, formatAnswer, type Prediction } from "../common/iris.ts";
import { SERVES } from "../lab/harness/lines.ts";
import { type Program, run, start } from "../lab/harness/programs.ts";
import { promptRung, testContract, toLine } from "./support/contract.ts";

let server: Program;
let url = "";
beforeAll(async () => {
  server = start("3_client_server/server.ts", ["--port", "0"]);
  url = (await server.waitFor(SERVES))[1] ?? "";
});
afterAll(async () => {
  await server.stop();
});

async function post(body: object): Promise<Prediction> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}/iris-classifier`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return response.json() as Promise<Prediction>;
}

testContract([
  {
    name: "1 command line",
    ask: (flowers) =>
      Promise.all(
        flowers.map(async (flower) =>
          (await run("1_monolith_cli/app.ts", toLine(flower).split(","))).stdout.trim(),
        ),
      ),
    refuse: async (line) => (await run("1_monolith_cli/app.ts", line.split(","))).stderr,
  },
  promptRung("2 prompt", (options) => run("2_monolith_user_input_loop/app.ts", [], options)),
  promptRung("3 client and server", (options) => run("3_client_server/client.ts", ["--url", url], options)),
  {
    name: "3 REST",
    ask: (flowers) => Promise.all(flowers.map(async (flower) => formatAnswer(await post(flower)))),
    refuse: async (line) => {
      // As numbers where they are numbers, so that the fault is the value and not its type.
      const values = line.split(",").map((text) => (Number.isNaN(Number(text)) ? text : Number(text)));
      return JSON.stringify(
        await post(Object.fromEntries(values.map((value, index) => [FIELDS[index], value]))),
      );
    },
  },
]);
