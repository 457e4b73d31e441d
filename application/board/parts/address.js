/** The view and its subject, as they stand behind the # of the page's address. */

/**
 * "#flower/7f3a" is the view "flower" with the subject "7f3a".
 * @param {string} hash
 */
export function parseHash(hash) {
  const [, view = "", subject = ""] = /^#([\w-]*)\/?(.*)$/.exec(hash) ?? [];
  return { view, subject: decode(subject) };
}

/** What was typed by hand may hold a % that begins no code: it stands for itself. @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
