/** The controls of the board, where `npm run app` has started the workers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import type { Program } from "../../lab/harness/programs.ts";
import { type BoardPage, hide, openBoard } from "../../tests/support/board_page.ts";
import { lacksBrowser, openBrowser } from "../../tests/support/browser.ts";
import { startGateway } from "../../tests/support/gateway.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import type { QueueState } from "../gateway/live/wire.ts";

describe.skipIf(lacksBrowser())("the controls", () => {
  let sandbox: KafkaSandbox;
  let browser: Browser;
  let folder: string;
  let app: Program | undefined;
  let board: BoardPage | undefined;

  beforeEach(async () => {
    sandbox = await openSandbox(inject("kafkaBrokers"));
    folder = mkdtempSync(join(tmpdir(), "iris-board-"));
    browser = await openBrowser();
  });
  afterEach(async () => {
    const faults = board?.faults;
    await browser.close();
    await app?.stop();
    app = undefined;
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    expect(faults).toEqual([]);
  });

  async function openApp(seconds: number) {
    app = sandbox.start("application/app.ts", [
      "--port",
      "0",
      "--data",
      folder,
      "--inference-time",
      `${seconds}`,
    ]);
    const [, url = ""] = await app.waitFor(/^Open (http:\S+)/);
    board = await openBoard(browser, url);
    const { page, shoot } = board;
    await page.locator(".worker").nth(2).waitFor();
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
    /** What is seen of the latest action, when it matches. */
    const seen = async (pattern: RegExp) => {
      const words = page.locator(".seen li").first().filter({ hasText: pattern });
      await words.waitFor({ timeout: 90_000 });
      return await words.innerText();
    };
    return { page, press, seen, shoot, board };
  }

  test("flowers and rubbish: what became of each is said beside the buttons", async () => {
    const { page, press, seen, shoot, board } = await openApp(0.1);
    await press("Send 1 random flower");
    await seen(/^1 of 1 answered, none twice, in /);
    await press("Send 500 random flowers");
    await page.locator(".mote").first().waitFor({ state: "attached" });
    await press("Send 24 random flowers");
    await seen(/^24 of 24 answered, none twice, in /);
    await page
      .locator(".seen li", { hasText: /^500 of 500 answered, none twice, in / })
      .waitFor({ timeout: 90_000 });
    await shoot("controls_500");
    await press("Send rubbish");
    expect(await seen(/dead letter/)).toMatch(
      /^Rubbish in partition \d+, offset \d+ was set aside as dead letter 0\/0: /,
    );
    await page.locator(".bin").getByText("1", { exact: true }).waitFor();
    expect(await board.findBarriers()).toEqual([]);
    await shoot("controls_rubbish");
  });

  test("a worker is killed in the middle of 24 flowers: seen at once, and each is answered", async () => {
    const { page, press, seen, shoot } = await openApp(0.5);
    await press("Send 24 random flowers");
    await page.locator(".worker", { hasText: "worker-2" }).getByText("at ").waitFor();
    await page.getByRole("combobox", { name: "Worker" }).selectOption("worker-2");
    await press("Kill");
    await page
      .locator(".worker.gone", { hasText: "worker-2" })
      .getByText(/its partitions move in \d s/)
      .waitFor();
    await page.locator(".orphan").first().waitFor();
    await shoot("controls_killed");
    await seen(/^worker-2 was killed: .* waited \d/);
    const flowers = page.locator(".seen li", { hasText: /^24 of 24 answered/ });
    await flowers.waitFor({ timeout: 90_000 });
    expect(await flowers.innerText()).toMatch(
      /^24 of 24 answered, none twice, (\d+ begun again, )?\d.* s without an owner, in /,
    );
    await shoot("controls_taken_over");
  });

  test("flowers that are answered while nobody sees the tab are counted when it is seen again", async () => {
    const { page, press, seen } = await openApp(0.3);
    await press("Send 24 random flowers");
    await page.locator(".worker").filter({ hasText: "at " }).first().waitFor();
    await hide(page, true);
    await eventually(async () => {
      const answer = await fetch(new URL("/queue", page.url()));
      return ((await answer.json()) as QueueState).totals.answered === 24;
    });
    await hide(page, false);
    await seen(/^24 of 24 answered, none twice, in /);
  });

  test("a worker more, and one that is asked to go", async () => {
    const { page, press, seen } = await openApp(0);
    await press("Add a worker");
    await seen(/^worker-4 \(pid \d+\) has partitions /);
    await page.getByRole("combobox", { name: "Worker" }).selectOption("worker-4");
    await press("Stop");
    await seen(/^worker-4 has left: .* waited /);
    expect(await page.locator(".owner", { hasText: "worker-4" }).count()).toBe(0);
  });

  test("a gateway that was started by hand has none", async () => {
    await sandbox.run("5_task_queue/kafka_setup.ts");
    const gateway = await startGateway(sandbox);
    board = await openBoard(browser, gateway.url);
    const { page } = board;
    await page.locator(".lanes tbody tr").first().waitFor();
    await page.getByText("No worker: what is sent now waits in Kafka until one comes.").waitFor();
    await page.getByText("Where does a figure come from? Choose its name.").waitFor();
    expect(await page.getByRole("button", { name: "Kill" }).count()).toBe(0);
    await board.shoot("no_worker");
  });
});
