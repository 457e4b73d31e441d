import { expect, test } from "vitest";
import { HAS_TERMINAL, runOnTerminal, type Step } from "../tests/support/terminal.ts";

/** Repeats each line; a "!" that is typed makes a line come from elsewhere, and "slow" waits for one. */
const PROGRAM = `
  import { editLines, printAbovePrompt } from "./common/line_editor.ts";
  let late = () => {};
  process.stdin.on("data", (typed) => {
    if (!String(typed).includes("!")) return;
    setImmediate(() => {
      printAbovePrompt("A late line");
      late();
    });
  });
  for await (const line of editLines("Type: ", process.stdout)) {
    if (line === "slow") await new Promise((resolve) => (late = resolve));
    console.log("Got " + line);
  }
  console.log("End");
`;

function edit(...steps: Step[]) {
  const argv = [process.execPath, "--import", "tsx", "--input-type=module", "--eval", PROGRAM];
  return runOnTerminal(argv, steps, {}, 20);
}
const CTRL_D = "\u0004";

test.skipIf(!HAS_TERMINAL)(
  "a late line is printed above the prompt, which keeps what was typed",
  async () => {
    const { screen } = await edit(
      ["Type: ", "6,3!"],
      ["A late line", ""],
      ["Type: 6,3!", ",4\r"],
      ["Got", ""],
      ["Type: ", CTRL_D],
    );
    expect(screen).toEqual(["A late line", "Type: 6,3!,4", "Got 6,3!,4", "Type:", "End"]);
  },
);

test.skipIf(!HAS_TERMINAL)("so is one above a pasted text of three rows", async () => {
  const text = "abcdefghijklmnopqrstuvwxyz0123456789";
  const { screen } = await edit(
    ["Type: ", `${text}!`],
    ["A late line", ""],
    ["89!", "\r"],
    ["Got", ""],
    ["Type: ", CTRL_D],
  );
  expect(screen).toEqual([
    "A late line",
    "Type: abcdefghijklmn",
    "opqrstuvwxyz01234567",
    "89!",
    "Got abcdefghijklmnop",
    "qrstuvwxyz0123456789",
    "!",
    "Type:",
    "End",
  ]);
});

test.skipIf(!HAS_TERMINAL)("what is typed while the program works is shown when its turn comes", async () => {
  const { screen } = await edit(
    ["Type: ", "slow\rnext\rand"],
    ["slow", "!"],
    ["Got next", ""],
    ["Type: and!", `\r`],
    ["Got and!", ""],
    ["Type: ", CTRL_D],
  );
  expect(screen).toEqual([
    "Type: slow",
    "A late line",
    "Got slow",
    "Type: next",
    "Got next",
    "Type: and!",
    "Got and!",
    "Type:",
    "End",
  ]);
});
