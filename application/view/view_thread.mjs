/**
 * Where the view's thread begins. JavaScript, since a Node that does not run TypeScript itself would not
 * start a thread with it, whatever its process has loaded.
 */
const { typescript } = /** @type {{ typescript?: unknown }} */ (process.features);
if (!typescript) {
  const { register } = await import("tsx/esm/api");
  register();
}
await import("./view_thread.ts");
