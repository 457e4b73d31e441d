/** The browser of this machine, for the tests of the board: nothing is downloaded. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** On the PATH of Linux. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "microsoft-edge-stable",
];
const MAC = ["Google Chrome", "Chromium", "Microsoft Edge"];
const WINDOWS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Chromium\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
];
const MISSING =
  "The tests of the board need a browser: install Chromium (Debian, Ubuntu: apt-get install chromium), " +
  "Google Chrome or Microsoft Edge";

/** The path of a browser, if this machine has one that these tests can drive. */
function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return candidates(env).find((path) => existsSync(path));
}

function candidates(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === "darwin") {
    const folders = ["/Applications", join(env.HOME ?? "", "Applications")];
    return MAC.flatMap((name) => folders.map((folder) => join(folder, `${name}.app/Contents/MacOS/${name}`)));
  }
  if (process.platform === "win32") {
    const folders = [env.ProgramFiles, env["ProgramFiles(x86)"], env.LOCALAPPDATA];
    return WINDOWS.flatMap((file) => folders.flatMap((folder) => (folder ? [join(folder, file)] : [])));
  }
  const folders = (env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** For describe.skipIf(). Where nothing may be skipped (IRIS_TEST_ALL=1) a missing browser is a failure. */
export function lacksBrowser(env: NodeJS.ProcessEnv = process.env): boolean {
  if (findBrowser(env) !== undefined) return false;
  if (env.IRIS_TEST_ALL === "1") throw new Error(MISSING);
  console.warn(`Skipped. ${MISSING}.`);
  return true;
}

/** Starts it, without a window. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(MISSING);
  const args = ["--disable-gpu", "--disable-background-networking"];
  // Chromium's sandbox does not work for root, who runs the tests in a container.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath, args });
}
