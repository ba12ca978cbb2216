import { seedFiles } from "@jukebase/db";
import { refuseBadSeeds } from "@jukebase/marts";
import { type Config, type Domain, type Executor, loadSeeds, setReportingZone } from "@jukebase/platform";

/**
 * Brings what lies beneath all marts up to what configuration and files say: the reporting zone and the reference data, tested. In the
 * caller's transaction; doing it again changes nothing.
 */
export async function prepareGround(
  db: Executor,
  config: Pick<Config, "timeZone">,
  domains: readonly Domain[],
  say: (line: string) => void = () => {},
): Promise<void> {
  if (config.timeZone !== undefined && (await setReportingZone(db, config.timeZone)))
    say(`Business days are now those of ${config.timeZone}.`);
  const seeds = domains.flatMap((domain) => domain.seeds ?? []);
  const loaded = await loadSeeds(db, await seedFiles(), seeds);
  await refuseBadSeeds(
    db,
    seeds.filter(({ name }) => loaded.includes(name)),
  );
}
