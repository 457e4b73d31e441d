/**
 * Which methods a path has: a known path with another method is answered 405 and not 404 (RFC 9110, 15.5.6).
 */

export class AllowedMethods {
  readonly #routes: { segments: string[]; method: string }[] = [];

  add(method: string | readonly string[], pattern: string): void {
    for (const each of [method].flat()) this.#routes.push({ segments: pattern.split("/"), method: each });
  }

  /** The methods of a path, sorted; none for a path that is not known. */
  of(path: string): string[] {
    const given = path.split("/");
    const fits = this.#routes.filter(
      ({ segments }) =>
        segments.length === given.length &&
        segments.every((segment, index) =>
          segment.startsWith(":") ? given[index] !== "" : given[index] === segment,
        ),
    );
    return [...new Set(fits.map(({ method }) => method))].sort();
  }
}
