/**
 * The board in a browser, on a real gateway: ask, follow, and see what happens to the workers and the gateway.
 */

import { once } from "node:events";
import { createServer, connect as dial, type Server } from "node:net";
import type { Browser } from "playwright-core";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../common/samples.ts";
import { freePort } from "../../kafka/ports.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import type { Program } from "../../lab/harness/programs.ts";
import { type BoardPage, hide, openBoard, openTab, traceTasks } from "../../tests/support/board_page.ts";
import { lacksBrowser, openBrowser } from "../../tests/support/browser.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";
import { eventually, makeTasks } from "../../tests/support/kafka_state.ts";

/** What browsers call a long task: a person notices that the page waits. */
const LONG_TASK_MS = 50;

describe.skipIf(lacksBrowser())("the board", () => {
  let sandbox: KafkaSandbox;
  let browser: Browser;
  const boards: BoardPage[] = [];

  beforeEach(async () => {
    sandbox = await openSandbox(inject("kafkaBrokers"));
    await sandbox.run("5_task_queue/kafka_setup.ts");
    browser = await openBrowser();
  });
  afterEach(async () => {
    const faults = boards.splice(0).flatMap((board) => board.faults);
    await browser.close();
    await sandbox.close();
    expect(faults).toEqual([]);
  });

  async function open(url: string): Promise<BoardPage> {
    const board = await openBoard(browser, url);
    boards.push(board);
    return board;
  }

  /** Workers that share the 12 partitions. */
  async function startWorkers(count: number, seconds: number): Promise<Program[]> {
    const workers = Array.from({ length: count }, (_, n) =>
      sandbox.start("application/worker.ts", ["--name", `worker-${n + 1}`, "--inference-time", `${seconds}`]),
    );
    for (const worker of workers)
      await worker.waitFor(new RegExp(`^Partitions of tasks: .*\\(${12 / count}\\)`));
    return workers;
  }

  async function startPersister(gateway: Gateway): Promise<void> {
    await sandbox
      .start("application/persister.ts", ["--db", gateway.db])
      .waitFor(/^Partitions of results: 0/);
  }

  const send = async (gateway: Gateway, count: number): Promise<string[]> => {
    const { json } = await gateway.post("/tasks", sampleMeasurements(count));
    return json.tasks.map(({ task_id }: { task_id: string }) => task_id);
  };

  /** The ids in the table behind the time line: what the page has been told has ended. */
  const endedOn = ({ page }: BoardPage) =>
    page
      .locator(".timeline-table a")
      .evaluateAll((links) => links.map((link) => link.getAttribute("title") ?? ""));

  test("ask: one flower's journey, with Kafka's own numbers", async () => {
    const gateway = await startGateway(sandbox);
    await startWorkers(1, 0.3);
    await startPersister(gateway);
    await gateway.ready();
    const board = await open(`${gateway.url}/#flower`);
    const { page } = board;

    await page.getByLabel("petal length, cm").fill("four");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("alert").filter({ hasText: "petal length" }).waitFor();
    // The browser's console tells of each refusal.
    expect(board.faults.splice(0)).toEqual([expect.stringContaining("422")]);

    for (const [field, value] of Object.entries({ "sepal length": "6", "sepal width": "3" }))
      await page.getByLabel(`${field}, cm`).fill(value);
    await page.getByLabel("petal length, cm").fill("4");
    await page.getByLabel("petal width, cm").fill("1");
    await page.getByRole("button", { name: "Ask" }).click();
    const steps = page.locator(".steps li");
    await steps.filter({ hasText: "Row 1 of the persister's table" }).waitFor();

    const id = decodeURIComponent(new URL(page.url()).hash.slice("#flower/".length));
    const task = (await gateway.get(`/tasks/${id}`)).json;
    const words = (await steps.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
    expect(words[0]).toContain(`in partition ${task.partition} at offset ${task.offset}.`);
    expect(words[2]).toContain("worker-1 has it.");
    expect(words[3]).toContain(`It is versicolor. The worker needed ${task.duration_ms} ms.`);
    expect(words[3]).toContain(`curl -s ${gateway.url}/tasks/${id}/result`);
    await board.shoot("journey");

    await page.getByRole("button", { name: "Take a random flower" }).click();
    await page.waitForURL((url) => !url.hash.endsWith(id));
    await steps.filter({ hasText: "Row 2 of the persister's table" }).waitFor();
  });

  test("a burst of 500: every task is seen to end once, and the queue is empty again", async () => {
    const gateway = await startGateway(sandbox);
    await startWorkers(3, 0.01);
    await gateway.ready();
    const { page, shoot } = await open(gateway.url);
    const ids = await send(gateway, 500);
    await page.locator(".figure", { hasText: "answered" }).getByText("500", { exact: true }).waitFor();
    await page.locator(".waits").getByText("0", { exact: true }).waitFor();
    await shoot("burst");
    const answered = (await sandbox.readAll("results")).map(({ value }) => JSON.parse(value ?? "").task_id);
    expect(answered.sort()).toEqual(ids.sort());
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByText("The latest 100 of 500 answers").waitFor();
  });

  test("a worker that is killed: its lanes have nobody, others take them over, and the cause is told", async () => {
    const gateway = await startGateway(sandbox);
    const workers = await startWorkers(3, 0.5);
    await gateway.ready();
    const board = await open(gateway.url);
    const { page } = board;
    await send(gateway, 90);
    await page.locator(".worker", { hasText: "worker-2" }).getByText("at ").waitFor();
    await board.shoot("working");
    await workers[1]?.kill();
    // Kafka tells when the session has ended; then, for a moment, nobody has them.
    await page.locator(".worker.gone", { hasText: "worker-2" }).waitFor();
    await board.shoot("killed");
    await page.getByRole("button", { name: "As a table" }).click();
    // How long they waited is not said where it was no time at all.
    await page
      .locator(".timeline-table")
      .getByText(/worker-2 is gone/)
      .waitFor();
    await eventually(async () => (await page.locator(".orphan").count()) === 0);
    expect(await page.locator(".owner", { hasText: "worker-2" }).count()).toBe(0);
    await page.locator(".figure", { hasText: "answered" }).getByText("90", { exact: true }).waitFor();
    await board.shoot("taken_over");
  });

  test("the wall: the one of twelve workers that is missing has a place, nothing lies on another", async () => {
    const gateway = await startGateway(sandbox);
    const workers = await startWorkers(12, 1);
    await gateway.ready();
    const board = await open(`${gateway.url}/wall`);
    const { page } = board;
    await send(gateway, 60);
    await page.locator(".timeline").getByText("and 7 more").waitFor();
    await workers[8]?.kill();
    await page.locator(".worker.gone", { hasText: "worker-9" }).waitFor();
    await page.locator(".timeline li", { hasText: "worker-9" }).waitFor();
    await page.locator(".workers").getByText("and 4 more").waitFor();
    await board.shoot("wall_12_workers");
    const box = (selector: string) => page.locator(selector).last().boundingBox();
    const [timeline, lane, bin, more] = await Promise.all(
      [".timeline", ".lanes tbody tr", ".bin", ".workers > p"].map(box),
    );
    const bottom = (part: typeof lane) => (part?.y ?? 0) + (part?.height ?? 0);
    expect(Math.max(bottom(lane), bottom(bin))).toBeLessThanOrEqual(timeline?.y ?? 0);
    expect(bottom(more ?? null)).toBeLessThanOrEqual(bin?.y ?? 0);
    expect(bottom(timeline ?? null)).toBeLessThanOrEqual(720);
  });

  test("a dead letter: its reason, its bytes, and its way back after an edit", async () => {
    const gateway = await startGateway(sandbox);
    await startWorkers(1, 0);
    await startPersister(gateway);
    await gateway.ready();
    const board = await open(`${gateway.url}/#dead-letters`);
    const { page } = board;
    await page.getByText("None. To see one:").waitFor();
    await sandbox.send("tasks", ["rubbish"]);
    await page.locator(".reason", { hasText: 'Expected the message to be JSON, got "rubbish"' }).waitFor();
    expect(await page.locator(".letters pre").innerText()).toBe("rubbish");
    await page.getByRole("button", { name: "Edit first" }).click();
    await page.getByRole("textbox").fill("6,3,4,1");
    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByText(/Sent as a new task: partition \d+, offset \d+\./).waitFor();
    await page.getByText("Replayed as task").getByRole("link").click();
    await page.locator(".steps li", { hasText: "It is versicolor." }).waitFor();
    await page.goto(`${gateway.url}/#queue`);
    await page.locator(".bin").getByText("1", { exact: true }).waitFor();
    await board.shoot("replayed");
  });

  test("a gateway that is killed and comes back: no event is lost, and none comes twice", async () => {
    const gateway = await startGateway(sandbox);
    await startWorkers(1, 0);
    await gateway.ready();
    const board = await open(gateway.url);
    const { page } = board;
    const before = await send(gateway, 24);
    await page.getByRole("button", { name: "As a table" }).click();
    await eventually(async () => (await endedOn(board)).length === 24);
    await gateway.kill();
    await page.getByText(/^The gateway at localhost:\d+ has not answered since/).waitFor();
    await board.shoot("gateway_away");
    // Meanwhile the queue goes on without it.
    const meanwhile = makeTasks(30);
    await sandbox.send(
      "tasks",
      meanwhile.map(({ value }) => value),
    );
    await eventually(async () => (await sandbox.readAll("results")).length === 54);
    await gateway.restart();
    await page.locator(".link.live").waitFor();
    await gateway.ready();
    const after = await send(gateway, 6);
    await eventually(async () => (await endedOn(board)).length >= 60);
    const wanted = [...before, ...meanwhile.map(({ id }) => id), ...after];
    expect((await endedOn(board)).sort()).toEqual(wanted.sort());
    await page.locator(".figure", { hasText: "answered" }).getByText("60", { exact: true }).waitFor();
  });

  test("a tab that nobody sees costs the gateway nothing; seen again, it has each task once", async () => {
    const gateway = await startGateway(sandbox);
    await startWorkers(1, 0);
    await gateway.ready();
    const board = await open(gateway.url);
    const { page } = board;
    const streams = async () => /^iris_event_streams (\d+)$/m.exec((await gateway.get("/metrics")).text)?.[1];
    const before = await send(gateway, 24);
    await page.getByRole("button", { name: "As a table" }).click();
    await eventually(async () => (await endedOn(board)).length === 24);
    expect(await streams()).toBe("1");
    await hide(page, true);
    await eventually(async () => (await streams()) === "0");
    const meanwhile = await send(gateway, 30);
    await eventually(async () => (await gateway.get("/queue")).json.totals.answered === 54);
    await hide(page, false);
    const after = await send(gateway, 6);
    await eventually(async () => (await endedOn(board)).length >= 60);
    expect((await endedOn(board)).sort()).toEqual([...before, ...meanwhile, ...after].sort());
    await page.locator(".figure", { hasText: "answered" }).getByText("60", { exact: true }).waitFor();
  });

  test("seven tabs of a browser share one connection, and each follows the queue", async () => {
    const { server, port, requests, forward } = await countRequests();
    try {
      const gateway = await startGateway(sandbox, { args: ["--allow-host", `localhost:${port}`] });
      forward(gateway.port);
      await startWorkers(1, 0);
      await gateway.ready();
      const url = `http://localhost:${port}`;
      const first = await open(url);
      const others: BoardPage[] = [];
      for (let tab = 2; tab <= 7; tab += 1) others.push(await openTab(first.context, `${url}/wall`));
      boards.push(...others);
      await send(gateway, 24);
      for (const board of [first, ...others]) {
        await board.page.bringToFront();
        await board.page
          .locator(".figure", { hasText: "answered" })
          .getByText("24", { exact: true })
          .waitFor();
      }
      expect(requests.filter((line) => line.startsWith("GET /events"))).toHaveLength(1);
    } finally {
      server.close();
    }
  });

  test("10,000 tasks wait: the page stays small and quick", async () => {
    const gateway = await startGateway(sandbox);
    await gateway.ready();
    const board = await open(gateway.url);
    const { page } = board;
    const trace = await traceTasks(board);
    await send(gateway, 10_000);
    await page.locator(".waits").getByText("10,000", { exact: true }).waitFor();
    const nodes = () => page.locator("*").count();
    const waiting = await nodes();
    await board.shoot("10000_waiting");
    const workers = await startWorkers(3, 0);
    await page.locator(".figure", { hasText: "answered" }).getByText("10,000", { exact: true }).waitFor();
    const done = await nodes();
    for (const count of [waiting, done]) expect(count).toBeLessThan(1500);
    const { tasks, longestMs } = await trace.end();
    // Of the processor, not of the clock: a busy machine does not make it longer.
    expect(longestMs).toBeLessThanOrEqual(LONG_TASK_MS);
    console.log(
      `DOM: ${waiting} elements with 10,000 waiting, ${done} after; the longest of ${tasks} tasks ` +
        `of the page took ${longestMs.toFixed(1)} ms of the processor`,
    );
    await Promise.all(workers.map((worker) => worker.stop()));
  });
});

/** A way to a gateway that writes down the first line of each request. */
async function countRequests() {
  const requests: string[] = [];
  let target = 0;
  const server: Server = createServer((socket) => {
    const other = dial(target, "localhost");
    socket.on("data", (chunk) => {
      for (const [line] of String(chunk).matchAll(/^[A-Z]+ \/\S* HTTP/gm)) requests.push(line);
    });
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  const forward = (to: number) => {
    target = to;
  };
  const port = await freePort();
  await once(server.listen(port, "localhost"), "listening");
  return { server, port, requests, forward };
}
