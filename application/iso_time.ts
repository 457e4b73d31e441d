/** Times as programs are told of them. */

/** As far as a Date reaches. A message's time is its sender's word: 64 bits. */
const FARTHEST_MS = 8.64e15;

/** Milliseconds since 1970 as ISO 8601 in UTC: `{ [name]: "2026-03-01T12:00:00.000Z" }`, or nothing. */
export function isoTime<Name extends string>(
  name: Name,
  milliseconds: number | null | undefined,
): { [Key in Name]?: string } {
  if (milliseconds === null || milliseconds === undefined) return {};
  if (!(Math.abs(milliseconds) <= FARTHEST_MS)) return {};
  return { [name]: new Date(milliseconds).toISOString() } as { [Key in Name]?: string };
}
