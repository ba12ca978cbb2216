/** What became of what was sent, and what went wrong on the way; `wrong` keeps the first of each kind. */
export type HostileTally = {
  sent: number;
  logged: number;
  duplicates: number;
  quarantined: number;
  readonly wrong: string[];
};

/** Nothing sent yet. */
export function newTally(): HostileTally {
  return { sent: 0, logged: 0, duplicates: 0, quarantined: 0, wrong: [] };
}

/** Counts outcomes, one by one; an outcome that nobody knows is wrong. */
export function countOutcomes(tally: HostileTally, outcomes: readonly string[]): void {
  for (const outcome of outcomes) {
    if (outcome === "accepted") tally.logged += 1;
    else if (outcome === "duplicate") tally.duplicates += 1;
    else if (outcome === "quarantined") tally.quarantined += 1;
    else tally.wrong.push(`an outcome nobody knows: ${outcome}`);
  }
}
