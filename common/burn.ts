/** Keeps the thread that calls it busy for so many seconds, its event loop included. */
export function burn(seconds: number): void {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
}
