import { expect, test } from "vitest";
import { type Act, drawActs } from "./acts.ts";

/** Tasks of one second each, one after the other, from the start on. */
const tasks = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ start: i * 1000, end: (i + 1) * 1000 }));

const one: Act = {
  title: "One worker",
  start: 0,
  end: 12_000,
  workers: [{ name: "worker-1", tasks: tasks(12) }],
  rebalances: [],
};
const killed: Act = {
  title: "One of two is killed",
  start: 0,
  end: 10_000,
  workers: [
    { name: "worker-1", tasks: [...tasks(4), { start: 9000, end: 10_000 }] },
    { name: "worker-2", tasks: tasks(2), killed: { at: 3000, ownedAgainAt: 9000 } },
  ],
  // The second belongs to what came after the act.
  rebalances: [9000, 11_000],
};

test.each([80, 39])("no line is wider than %i columns, and the names stay whole", (width) => {
  const picture = drawActs([one, killed], width);
  for (const line of picture.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  expect(picture.match(/^worker-\d /gm)).toHaveLength(3);
});

test("acts have one time axis: a second has as many cells in each", () => {
  // 9 columns of names, 5 of counts, 2 spaces: 24 cells for 12 s.
  const lines = drawActs([one, killed], 40).split("\n");
  expect(lines[1]).toBe(`worker-1  ${"██▓▓".repeat(6)}    12`);
  expect(lines[3]).toBe(`worker-1  ${"██▓▓".repeat(2)}${"·".repeat(10)}██${" ".repeat(4)}     5`);
  expect(lines.filter((line) => line.includes(" 0 s"))).toHaveLength(1);
});

test("a death is marked: the task it cuts off, the kill, the time without an owner, the rebalance", () => {
  const lines = drawActs([one, killed], 40).split("\n");
  expect(lines[4]).toBe(`worker-2  ██▓▓▒▒×${"░".repeat(11)}${" ".repeat(6)}     2`);
  expect(lines[5]).toBe(`rebalance ${" ".repeat(18)}▲`);
});

test("a worker that had nothing to do shows dots, and is not taken for a dead one", () => {
  const idle: Act = { ...one, workers: [...one.workers, { name: "worker-2", tasks: [] }] };
  expect(drawActs([idle], 40).split("\n")[2]).toBe(`worker-2  ${"·".repeat(24)}     0`);
});
