import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Output } from "./output.ts";

/** An output that has printed these lines, and the stream that goes on. */
async function printed(...texts: string[]) {
  const output = new Output("program");
  const stream = new PassThrough();
  void output.follow("stdout", stream).then(() => output.end());
  for (const text of texts) stream.write(`${text}\n`);
  await output.waitForLine((line) => line === texts.at(-1), "that is the last");
  return { output, stream };
}
const is = (text: string) => (line: string) => line === text;

test("a line that was printed before is found", async () => {
  const { output } = await printed("a", "b", "c");
  expect(await output.waitForLine(is("b"), "b")).toMatchObject({ from: "stdout", text: "b" });
});

test("after a mark an earlier line does not count, one that came since does", async () => {
  const { output, stream } = await printed("done", "other");
  const mark = output.lines.length;
  stream.write("done\n");
  await output.waitForLine(() => true, "at all", mark);
  expect(await output.waitForLine(is("done"), "done", mark)).toBe(output.lines[2]);
});

test("a state is that of the last line of its kind", async () => {
  const { output, stream } = await printed("owns 12", "owns 6", "other");
  const owns = (count: string) => output.waitForState(/^owns (\d+)$/, ([, seen]) => seen === count);
  expect((await owns("6")).text).toBe("owns 6");
  const twelveAgain = owns("12");
  stream.end("owns 12\n");
  expect(await twelveAgain).toBe(output.lines[3]);
});

test("a program that ends without the line is named, with what it printed", async () => {
  const { output, stream } = await printed("a");
  stream.end("b\n");
  await expect(output.waitForLine(is("c"), "that says c")).rejects.toThrow(
    "program ended without a line that says c. It printed:\na\nb",
  );
});
