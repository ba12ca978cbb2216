/** The words most like one that is unknown, the nearest first; none when nothing is near. */
export function nearest(word: string, known: Iterable<string>, most = 3): string[] {
  const far = Math.max(2, Math.floor(word.length / 3));
  return [...new Set(known)]
    .map((each) => ({ each, distance: each.startsWith(word) && word.length > 2 ? 1 : distance(word, each) }))
    .filter((found) => found.distance <= far)
    .sort((a, b) => a.distance - b.distance || (a.each < b.each ? -1 : 1))
    .slice(0, most)
    .map(({ each }) => each);
}

/** "Did you mean a, b or c?", with a space before it; nothing when there is nothing to offer. */
export function didYouMean(words: readonly string[]): string {
  if (words.length === 0) return "";
  const last = words.at(-1) ?? "";
  const others = words.slice(0, -1).join(", ");
  return ` Did you mean ${others === "" ? last : `${others} or ${last}`}?`;
}

/** Letters to insert, delete, replace or swap with their neighbour to get from one word to the other. */
function distance(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const edits = [(last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1)];
      row.push(Math.min(...edits, swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY));
    }
    [before, last] = [last, row];
  }
  return last[to.length] ?? 0;
}
