import { seedFiles } from "@jukebase/db";
import { type Config, type Domain, type Executor, loadSeeds, setReportingZone } from "@jukebase/platform";

/**
 * Brings what lies beneath all marts up to what configuration and files say: the reporting zone and the reference data. In the caller's
 * transaction; doing it again changes nothing.
 */
export async function prepareGround(
  db: Executor,
  config: Config,
  domains: readonly Domain[],
  say: (line: string) => void = () => {},
): Promise<void> {
  if (config.timeZone !== undefined && (await setReportingZone(db, config.timeZone)))
    say(`Business days are now those of ${config.timeZone}.`);
  await loadSeeds(
    db,
    await seedFiles(),
    domains.flatMap(({ seeds = [] }) => seeds),
  );
}
