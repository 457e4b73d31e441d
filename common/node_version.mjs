/** The oldest Node that this project runs on. Plain JavaScript, because that Node has to read it. */

/** package.json's `engines` says the same. */
const OLDEST = { major: 20, minor: 19 };

/**
 * One line for a Node that is too old; undefined for the others.
 *
 * @param {string} version such as "20.19.0"
 * @returns {string | undefined}
 */
export function explainOldNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined;
  const { major: wanted, minor: least } = OLDEST;
  const fix = "install the LTS version of https://nodejs.org";
  return `Expected Node ${wanted}.${least} or newer, got ${version}: ${fix}`;
}
