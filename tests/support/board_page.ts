/** A page of the board in a browser, with its faults, and the questions that several tests ask of it. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { ROOT } from "../../lab/harness/programs.ts";

/** Kept as artifacts of the test run. */
const PICTURES = join(ROOT, "test_output", "board");

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface BoardPage {
  page: Page;
  context: BrowserContext;
  /** What the browser's console showed as an error, and exceptions that nobody caught. */
  faults: string[];
  /** Keeps a picture of what is to be seen. */
  shoot(name: string): Promise<void>;
  /** What axe finds, a line each. */
  findBarriers(): Promise<string[]>;
}

/** Opens a page in a browser profile of its own, and waits until it shows the queue. */
export async function openBoard(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<BoardPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  return openTab(context, url);
}

/** Another tab of the same browser profile. */
export async function openTab(context: BrowserContext, url: string): Promise<BoardPage> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(url);
  if (url !== "about:blank") await page.locator("main").waitFor();
  return {
    page,
    context,
    faults,
    async shoot(name) {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    },
    async findBarriers() {
      // The page's policy lets no script in; this way goes past it.
      await page.evaluate(AXE);
      const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
    },
  };
}

/** Says to the page that nobody sees it: a browser without a window does not hide a tab by itself. */
export async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${isHidden} });
    document.dispatchEvent(new Event("visibilitychange"))`);
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds of the processor. */
  tdur?: number;
  args: { name?: string };
}

/** Measures the tasks of the page's main thread, in which everything waits that a person does. */
export async function traceTasks({ page, context }: BoardPage) {
  const browser = context.browser();
  if (browser === null) throw new Error("A page without a browser cannot be traced.");
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  return {
    async end(): Promise<{ tasks: number; longestMs: number }> {
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
        traceEvents: TraceEvent[];
      };
      const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
      const main = new Set(
        traceEvents
          .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
          .map(thread),
      );
      const tasks = traceEvents.filter((event) => event.name.includes("RunTask") && main.has(thread(event)));
      return { tasks: tasks.length, longestMs: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000)) };
    },
  };
}
