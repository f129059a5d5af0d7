/** So many are known at a time; then it begins anew, so that rooms that come and go do not fill the memory. */
const STRINGS_MAX = 1_000_000;

/** One string for all that are equal: each event names its room by a string of its own, some 50 bytes for each member. */
export class SharedStrings {
  private readonly known = new Map<string, string>();

  /** The string that is kept of those equal to this one. */
  of(text: string): string {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    if (this.known.size === STRINGS_MAX) this.known.clear();
    this.known.set(text, text);
    return text;
  }
}
