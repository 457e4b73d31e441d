/** The oldest Node that this project runs on: package.json's `engines`. */
const OLDEST = { major: 20, minor: 19 };

/** One line for a Node that is too old; undefined for the others. `version` is such as 20.19.0. */
export function explainOldNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined;
  const { major: wanted, minor: least } = OLDEST;
  return `Expected Node ${wanted}.${least} or newer, got ${version}: install the LTS version of https://nodejs.org`;
}
