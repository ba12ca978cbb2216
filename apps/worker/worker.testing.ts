import { type OpenedForTest, openedForTest } from "@jukebase/domains/opened.testing.ts";
import { type Domain, systemClock } from "@jukebase/platform";

/** Opens an empty installation over a database of its own; `domains` other than the real ones when given. */
export function testInstallation(domains?: readonly Domain[]): Promise<OpenedForTest> {
  return openedForTest({ clock: systemClock, connections: 6, ...(domains === undefined ? {} : { domains }) });
}

/** Asks again every 50 ms until the answer is there; fails after 10 s with what was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
