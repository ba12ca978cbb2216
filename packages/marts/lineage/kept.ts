/** Keeps what was worked out, by key; the one that was least lately asked for goes first. A failure is not kept. */
export function keeping<T>(most: number): (key: string, work: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = kept.get(key) ?? work();
    kept.delete(key);
    kept.set(key, known);
    known.catch(() => kept.delete(key));
    if (kept.size > most) kept.delete(kept.keys().next().value ?? "");
    return known;
  };
}
