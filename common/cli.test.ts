/** What every program does in the same way: tried on a small program, and on the real ones. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, run } from "../lab/harness/programs.ts";

/** Runs a program with one option of each kind. It prints their values, or does what `last` says. */
function runSmall(args: string[], env: Record<string, string> = {}, last = "") {
  const program = `
    import { Option } from "@commander-js/extra-typings";
    import { createProgram, seconds, wholeNumber } from "./common/cli.ts";
    import { ProgramError } from "./common/errors.ts";
    const options = createProgram("small", "A small program.", "small --count 3")
      .addOption(new Option("--count <n>").argParser(wholeNumber(1, 9)).default(5).env("COUNT"))
      .addOption(new Option("--wait <s>").argParser(seconds(0, 60)).env("WAIT"))
      .addOption(new Option("--name <name>").default("nobody").env("NAME"))
      .addOption(new Option("--loud").default(false).env("LOUD"))
      .parse()
      .opts();
    ${last || "console.log(JSON.stringify(options));"}`;
  const argv = ["--import", "tsx", "--input-type=module", "--eval", program, "--", ...args];
  return execa(process.execPath, argv, { cwd: ROOT, env: { NO_COLOR: "1", ...env }, reject: false });
}

async function optionsOf(args: string[], env: Record<string, string>) {
  const { stdout, stderr } = await runSmall(args, env);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("environment variables", () => {
  const defaults = { count: 5, name: "nobody", loud: false };

  test("give values, and an empty one gives none", async () => {
    expect(await optionsOf([], { COUNT: "7", WAIT: "0.5", NAME: "alice", LOUD: "true" })).toEqual({
      count: 7,
      wait: 0.5,
      name: "alice",
      loud: true,
    });
    expect(await optionsOf([], { COUNT: "", WAIT: "", NAME: "", LOUD: "" })).toEqual(defaults);
  });

  test("of booleans are true or false", async () => {
    for (const LOUD of ["1", "TRUE"])
      expect(await optionsOf([], { LOUD })).toEqual({ ...defaults, loud: true });
    for (const LOUD of ["0", "False"]) expect(await optionsOf([], { LOUD })).toEqual(defaults);
  });

  test("yield to the command line, also when they are wrong", async () => {
    expect(await optionsOf(["--count", "3", "--loud"], { COUNT: "x", LOUD: "false" })).toEqual({
      ...defaults,
      count: 3,
      loud: true,
    });
  });

  test.each([
    ["COUNT", "ten", "a whole number from 1 to 9"],
    ["WAIT", "1 s", "a number of seconds from 0 to 60"],
    ["LOUD", "yes", "true, false, 1 or 0"],
  ])("%s=%s is refused by the variable's name", async (name, value, expected) => {
    expect(await runSmall([], { [name]: value })).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: `Expected the environment variable ${name} to be ${expected}, got "${value}"`,
    });
  });

  test("are named by --help, also when they are wrong", async () => {
    const { exitCode, stdout } = await runSmall(["--help"], { COUNT: "ten" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("(env: COUNT)");
  });
});

describe("the environment variables of the programs' options", () => {
  /**
   * Each variable, with a value that is wrong; none where every text may be right. KAFKA_*: settings.test.ts.
   */
  const WRONG: Record<string, string | undefined> = {
    HOST: undefined,
    PORT: "65536",
    LIMIT_CONCURRENCY: "1",
    INFERENCE_TIME: "-1",
    CPU_BOUND: "no",
    THREADS: "two",
    IRIS_URL: "localhost",
    TIMEOUT: "0",
    IRIS_MODEL: undefined,
    IRIS_DB: undefined,
    WORKER_NAME: undefined,
    GATEWAY_PORT: "65536",
    GATEWAY_HOST: undefined,
  };
  const INFERENCE = ["INFERENCE_TIME", "CPU_BOUND", "THREADS", "IRIS_MODEL"];
  /** Two gateways on one folder refuse each other: each run has its own. */
  const OWN = "<own folder>";
  const folder = mkdtempSync(join(tmpdir(), "iris-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const PROGRAMS: [file: string, args: string[], variables: string[]][] = [
    ["1_monolith_cli/app.ts", ["6", "3", "4", "1"], ["IRIS_MODEL"]],
    ["2_monolith_user_input_loop/app.ts", [], ["IRIS_MODEL"]],
    ["3_client_server/client.ts", [], ["IRIS_URL", "TIMEOUT"]],
    ["3_client_server/server.ts", ["--port", "65537"], ["HOST", "PORT", "LIMIT_CONCURRENCY", ...INFERENCE]],
    ["4_message_queue/worker.ts", [], INFERENCE],
    ["4_message_queue/history.ts", ["--json"], ["IRIS_DB"]],
    ["5_task_queue/worker.ts", [], ["WORKER_NAME", ...INFERENCE]],
    ["5_task_queue/client.ts", [], ["TIMEOUT"]],
    ["application/worker.ts", [], ["WORKER_NAME", ...INFERENCE]],
    ["application/gateway/program.ts", ["--data", OWN], ["GATEWAY_PORT", "GATEWAY_HOST", "IRIS_DB"]],
    ["application/app.ts", ["--port", "0"], ["GATEWAY_PORT", "INFERENCE_TIME", "CPU_BOUND"]],
  ];

  test("are all tested here", () => {
    const folders = readdirSync(ROOT).filter((name) => /^\d_|^common$|^application$/.test(name));
    const files = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) =>
        join(folder, name),
      ),
    );
    const sources = files.filter((file) => /(?<!\.test)\.ts$/.test(file));
    const named = sources.flatMap((file) => [
      ...readFileSync(join(ROOT, file), "utf8").matchAll(/\.env\("(\w+)"\)/g),
    ]);
    expect([...new Set(named.map(([, name]) => name))].sort()).toEqual(Object.keys(WRONG).sort());
    expect([...new Set(PROGRAMS.flatMap(([, , names]) => names))].sort()).toEqual(Object.keys(WRONG).sort());
  });

  const cases = PROGRAMS.flatMap(([file, , variables]) =>
    variables.flatMap((name) => (WRONG[name] === undefined ? [] : [{ file, name, value: WRONG[name] }])),
  );
  test.each(cases)("$file refuses $name=$value in one line", async ({ file, name, value }) => {
    expect(await run(file, [], { env: { [name]: value }, input: "" })).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringMatching(new RegExp(`^Expected the environment variable ${name} to be .*\\n$`)),
    });
  });

  test.each(PROGRAMS)("%s %j takes empty variables for none", async (file, args, variables) => {
    const empty = Object.fromEntries(variables.map((name) => [name, ""]));
    // Without a Kafka they say so: that is the same in both cases, too.
    const [plain, withEmpty] = await Promise.all(
      [{}, empty].map(async (env, index) => {
        const all = { KAFKA_BROKERS: "localhost:1", ...env };
        const own = args.map((arg) => (arg === OWN ? join(folder, String(index)) : arg));
        const { exitCode, stdout, stderr } = await run(file, own, { env: all, input: "q\n" });
        return { exitCode, stdout: withoutTimes(stdout), stderr: withoutTimes(stderr) };
      }),
    );
    expect(withEmpty).toEqual(plain);
  });
  const withoutTimes = (text: string) => text.replace(/\d+\.\d ms|\S+ \(pid \d+/g, "N");
});

describe("the last line", () => {
  test("of a ProgramError is its message; DEBUG=1 prints its stack and causes first", async () => {
    const fail = `throw new ProgramError("A fault", { cause: new Error("The cause"), exitCode: 3 });`;
    expect(await runSmall([], {}, fail)).toMatchObject({ exitCode: 3, stdout: "", stderr: "A fault" });
    expect(await runSmall([], { DEBUG: "0" }, fail)).toMatchObject({ stderr: "A fault" });
    const { exitCode, stderr } = await runSmall([], { DEBUG: "1" }, fail);
    expect(stderr).toMatch(
      /^ProgramError: A fault\n +at [\s\S]+\[cause\]: Error: The cause\n +at [\s\S]+\nA fault$/,
    );
    expect(exitCode).toBe(3);
  });

  test("of a fault of ours says so", async () => {
    const stderr = "Unexpected error: A fault (DEBUG=1 shows where; please report it)";
    expect(await runSmall([], {}, `throw new TypeError("A fault\\nat a second line")`)).toMatchObject({
      exitCode: 1,
      stderr,
    });
    expect(await runSmall([], {}, `await Promise.reject(new Error("A fault"))`)).toMatchObject({ stderr });
  });

  test("has no control characters", async () => {
    const fail = `throw new ProgramError("A \\u001b[2J\\u009b2J\\u202efault\\nof two lines");`;
    const { stderr } = await runSmall([], {}, fail);
    expect(stderr).toBe("A \\u001b[2J\\u009b2J\\u202efault\nof two lines");
    expect((await runSmall(["--\u001b[2J"])).stderr).toBe(
      "error: unknown option '--\\u001b[2J'. --help shows how.",
    );
  });

  test("of a program that npm starts tells where its options stand", async () => {
    // What is left of `npm run app --port 8085`.
    expect(await run("application/app.ts", ["8085"])).toMatchObject({
      exitCode: 2,
      stderr:
        "error: too many arguments. Expected 0 arguments but got 1. " +
        "Options stand behind --: npm run app -- --help shows how.\n",
    });
    const { stderr } = await run("2_monolith_user_input_loop/app.ts", ["8085"]);
    expect(stderr).toMatch(/Expected 0 arguments but got 1\. --help shows how\.\n$/);
  });

  describe.skipIf(!existsSync("/dev/full"))("of a program whose output cannot be written", () => {
    const FULL = "Cannot write the output (ENOSPC: no space left on device, write): is the disk full?\n";
    const redirected = async (command: string) => {
      const node = `"${process.execPath}" --import tsx`;
      const { exitCode, stderr } = await execa("sh", ["-c", command.replaceAll("node", node)], {
        cwd: ROOT,
        reject: false,
        stripFinalNewline: false,
      });
      return { exitCode, stderr };
    };

    test.each([
      "node 1_monolith_cli/app.ts 6 3 4 1 > /dev/full",
      "node 1_monolith_cli/app.ts --help > /dev/full",
      "echo 6,3,4,1 | node 2_monolith_user_input_loop/app.ts > /dev/full",
      "node lab/doctor/doctor.ts --json > /dev/full",
    ])("is one: %s", async (command) => {
      const { exitCode, stderr } = await redirected(command);
      expect({ exitCode, stderr: stderr.replace(/^Model .*\n/, "") }).toEqual({ exitCode: 1, stderr: FULL });
    });

    test("is none when the fault is on stderr itself", async () => {
      expect(await redirected("node 1_monolith_cli/app.ts 6 3 4 one 2> /dev/full")).toMatchObject({
        exitCode: 2,
      });
      const prompt = "echo 6,3,4,1 | node 2_monolith_user_input_loop/app.ts 2> /dev/full";
      expect(await redirected(prompt)).toEqual({ exitCode: 1, stderr: "" });
    });

    test("is none when a reader has seen enough", async () => {
      const command = "yes 6,3,4,1 | node 2_monolith_user_input_loop/app.ts 2>/dev/null | head -1";
      expect(await redirected(command)).toEqual({ exitCode: 0, stderr: "" });
    });
  });
});
