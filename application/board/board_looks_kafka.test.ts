/** The board as people see it and reach it: sizes, themes, keyboard, and what axe finds. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { type BoardPage, openBoard } from "../../tests/support/board_page.ts";
import { lacksBrowser, openBrowser } from "../../tests/support/browser.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";

const VIEWS = ["queue", "flower", "figures", "results", "dead-letters"];

describe.skipIf(lacksBrowser())("the board", () => {
  let sandbox: KafkaSandbox;
  let gateway: Gateway;
  let browser: Browser;
  let board: BoardPage | undefined;
  let taskId = "";

  beforeAll(async () => {
    sandbox = await openSandbox(inject("kafkaBrokers"));
    await sandbox.run("5_task_queue/kafka_setup.ts");
    gateway = await startGateway(sandbox);
    const workers = [1, 2, 3].map((n) =>
      sandbox.start("application/worker.ts", ["--name", `worker-${n}`, "--inference-time", "1"]),
    );
    for (const worker of workers) await worker.waitFor(/^Partitions of tasks: .*\(4\)/);
    await sandbox.start("application/persister.ts", ["--db", gateway.db]).waitFor(/^Partitions/);
    browser = await openBrowser();
    await gateway.ready();
    const sent = await gateway.post("/tasks", sampleMeasurements(240));
    taskId = sent.json.tasks[0].task_id;
    await sandbox.send("tasks", ["rubbish", Buffer.from([0, 159, 146, 150])]);
    await gateway.get(`/tasks/${taskId}?wait=60`);
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox.close();
  });
  afterEach(async () => {
    const faults = board?.faults;
    await board?.context.close();
    board = undefined;
    expect(faults ?? []).toEqual([]);
  });

  const address = (view: string) =>
    view === "wall"
      ? `${gateway.url}/wall`
      : `${gateway.url}/#${view === "flower" ? `flower/${taskId}` : view}`;

  test.each(["light", "dark"] as const)(
    "has no barrier that axe finds, in any view, %s",
    async (colorScheme) => {
      const found: string[] = [];
      for (const view of ["wall", ...VIEWS]) {
        board = await openBoard(browser, address(view), { colorScheme });
        await board.page
          .locator("main :is(.lanes tbody tr, .steps, .chart, .counts, .letters pre)")
          .first()
          .waitFor();
        await board.shoot(`${view}_${colorScheme}`);
        found.push(...(await board.findBarriers()).map((barrier) => `${view}: ${barrier}`));
        expect(board.faults).toEqual([]);
        await board.context.close();
      }
      expect(found).toEqual([]);
    },
  );
});
