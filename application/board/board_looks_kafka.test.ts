/** The board as people see it and reach it: sizes, themes, keyboard, and what axe finds. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { type BoardPage, hide, openBoard } from "../../tests/support/board_page.ts";
import { lacksBrowser, openBrowser } from "../../tests/support/browser.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";
import { eventually } from "../../tests/support/kafka_state.ts";

/** What appears does so little by little, and for a moment has no contrast. */
const STILL = { reducedMotion: "reduce" } as const;
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
    await sandbox.send("tasks", ["rubbish", Buffer.from([0, 159, 146, 150])]);
    const sent = await gateway.post("/tasks", sampleMeasurements(240));
    taskId = sent.json.tasks[0].task_id;
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

  /** Waits until the view shows what it is for. */
  const isThere = ({ page }: BoardPage) =>
    page.locator("main :is(.lanes tbody tr, .steps, .chart, .counts, .letters pre)").first().waitFor();

  test.each(["light", "dark"] as const)(
    "has no barrier that axe finds, in any view, %s",
    async (colorScheme) => {
      const found: string[] = [];
      for (const view of ["wall", ...VIEWS]) {
        board = await openBoard(browser, address(view), { colorScheme, ...STILL });
        await isThere(board);
        await board.shoot(`${view}_${colorScheme}`);
        found.push(...(await board.findBarriers()).map((barrier) => `${view}: ${barrier}`));
        expect(board.faults).toEqual([]);
        await board.context.close();
      }
      expect(found).toEqual([]);
    },
  );

  const styleOf = (selector: string, property: string) =>
    `getComputedStyle(document.querySelector("${selector}")).${property}`;
  const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

  test.each([
    ["360", { viewport: { width: 360, height: 740 } }],
    // What a browser's zoom does: half as many pixels of CSS, each twice as large.
    ["zoom_200", { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
    ["1024", { viewport: { width: 1024, height: 768 } }],
  ])("needs no scrolling to the side, and no magnifying glass: %s", async (name, options) => {
    for (const view of ["wall", ...VIEWS]) {
      board = await openBoard(browser, address(view), { ...options, ...STILL });
      await isThere(board);
      await board.shoot(`${view}_${name}`);
      expect({ view, overflow: await board.page.evaluate(overflow) }).toEqual({ view, overflow: 0 });
      const size = await board.page.evaluate(styleOf("main", "fontSize"));
      expect(Number.parseFloat(String(size))).toBeGreaterThanOrEqual(14);
      expect(await board.findBarriers()).toEqual([]);
      expect(board.faults).toEqual([]);
      await board.context.close();
    }
  });

  test.each([
    [1280, 720],
    [1920, 1080],
  ])(
    "the wall shows everything on a projector of %i x %i, in letters for the last row",
    async (width, height) => {
      board = await openBoard(browser, address("wall"), { viewport: { width, height } });
      await isThere(board);
      await board.shoot(`wall_${width}`);
      const { page } = board;
      const within = await page
        .locator(".lanes tbody tr, .worker, .bin, .timeline canvas, .totals strong")
        .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().bottom));
      expect(within.length).toBeGreaterThan(18);
      expect(Math.max(...within)).toBeLessThanOrEqual(height);
      // Nothing of the screen is left over, either.
      expect(Math.max(...within)).toBeGreaterThan(height * 0.95);
      const size = await page.evaluate(styleOf(".lanes tbody td.n", "fontSize"));
      expect(Number.parseFloat(String(size)) / height).toBeGreaterThanOrEqual(1 / 41);
      expect(await page.getByRole("button").count()).toBe(0);
    },
  );

  test("everything is reached with the keyboard alone, and it is seen where one is", async () => {
    board = await openBoard(browser, address("queue"));
    const { page } = board;
    await isThere(board);
    const focused = `(() => {
      const { textContent, ariaLabel, tagName } = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      const isSeen = outlineStyle !== "none" && outlineWidth !== "0px";
      return { tagName, name: ariaLabel ?? textContent.trim(), isSeen };
    })()`;
    const stops: { tagName: string; name: string; isSeen: boolean }[] = [];
    for (;;) {
      await page.keyboard.press("Tab");
      const stop = (await page.evaluate(focused)) as (typeof stops)[number];
      if (stop.tagName === "BODY") break;
      stops.push(stop);
    }
    expect(stops.filter(({ isSeen }) => !isSeen)).toEqual([]);
    const reached = stops.map(({ name }) => name);
    for (const name of ["Queue", "Dead letters", "Pause", "Wall", "waiting", "committed", "As a table"])
      expect(reached).toContain(name);
    expect(reached.filter((name) => /^Partition \d+: its tasks$/.test(name))).toHaveLength(12);

    const goTo = async (name: string) => {
      for (;;) {
        await page.keyboard.press("Tab");
        if (((await page.evaluate(focused)) as { name: string }).name === name) return;
      }
    };
    await goTo("Partition 3: its tasks");
    await page.keyboard.press("Enter");
    await page
      .locator("#inspector")
      .getByText(/^Partition 3 is read from offset \d+ on/)
      .waitFor();
    await goTo("Pause");
    await page.keyboard.press("Space");
    await page.getByText(/^paused at/).waitFor();
    await page.keyboard.press("Space");
    await page.locator(".link.live").waitFor();
  });

  test("every figure tells where it comes from", async () => {
    board = await openBoard(browser, address("queue"));
    const { page } = board;
    await isThere(board);
    const names = page.locator("button[data-source]");
    const count = await names.count();
    expect(count).toBeGreaterThan(10);
    for (let index = 0; index < count; index += 1) {
      await names.nth(index).click();
      await names.nth(index).and(page.locator('[aria-expanded="true"]')).waitFor();
      await page.locator("#inspector code").waitFor();
    }
    await board.shoot("where_from");
  });

  test("a tab that nobody sees is not drawn, and is right at once when it is seen again", async () => {
    board = await openBoard(browser, address("queue"));
    const { page } = board;
    await isThere(board);
    await hide(page, true);
    // A task that flew already still lands, beside `main`.
    await page.evaluate(`globalThis.drawn = [];
      new MutationObserver((seen) => { drawn.push(...seen.map(({ target }) => target.className ?? target.data)); })
        .observe(document.querySelector("main"), {
          subtree: true, childList: true, attributes: true, characterData: true,
        })`);
    const sent = await gateway.post("/tasks", sampleMeasurements(3));
    for (const { task_id } of sent.json.tasks) await gateway.get(`/tasks/${task_id}?wait=1`);
    expect(await page.evaluate("globalThis.drawn")).toEqual([]);
    const { accepted } = (await gateway.get("/queue")).json.totals;
    await hide(page, false);
    // The policy of the page forbids the eval with which waitForFunction asks again.
    await eventually(async () => (await page.evaluate("globalThis.drawn.length > 0")) === true);
    expect(accepted).toBeGreaterThanOrEqual(245);
  });

  test("who wants less motion gets none", async () => {
    board = await openBoard(browser, address("queue"), { reducedMotion: "reduce" });
    await isThere(board);
    await gateway.post("/tasks", sampleMeasurements(24));
    const { page } = board;
    await page.locator(".running").first().waitFor();
    expect(await page.locator(".mote").count()).toBe(0);
    expect(await page.evaluate(styleOf(".fill", "transitionDuration"))).toBe("0s");
  });

  test("loads nothing from elsewhere, and only what is on the list", async () => {
    const asked: string[] = [];
    board = await openBoard(browser, "about:blank");
    board.page.on("request", (request) => asked.push(request.url()));
    await board.page.goto(address("queue"));
    await isThere(board);
    expect(asked.filter((url) => !url.startsWith(gateway.url) && !url.startsWith("data:"))).toEqual([]);
    const head = (await gateway.get("/")).headers;
    expect(head.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self';/);
    const etag = head.get("etag") ?? "";
    expect((await gateway.get("/", { "if-none-match": etag })).status).toBe(304);
    for (const path of [
      "/board/../package.json",
      "/board/%2e%2e/board_routes.ts",
      "/board/tsconfig.json",
      "/board/x",
    ])
      expect([path, (await gateway.get(path)).status]).toEqual([path, 404]);
    expect((await gateway.post("/wall", {})).status).toBe(405);
  });
});
