import { Invalid } from "./errors.ts";
import type { Executor } from "./executor.ts";

/**
 * Sets the installation's reporting zone (IANA), in which every day and month bucket is; true when it was another before, and so
 * every mart has to be rebuilt (`buildMarts` sees that by itself). Throws `Invalid` for what is no zone.
 */
export async function setReportingZone(db: Executor, zone: string): Promise<boolean> {
  requireZone(zone);
  const [now] = await db.query<{ zone: string }>("select platform.time_zone() as zone");
  if (now?.zone === zone) return false;
  await db.query(
    `create or replace function platform.time_zone() returns text language sql immutable parallel safe return '${zone}'::text`,
  );
  await db.query("update platform.installation set time_zone = $1", [zone]);
  return true;
}

/** Throws `Invalid` unless `zone` is the IANA name of a time zone. */
export function requireZone(zone: string): void {
  if (zone !== "UTC" && !Intl.supportedValuesOf("timeZone").includes(zone)) {
    throw new Invalid(`"${zone}" is not a time zone: give an IANA name, for example Europe/Rome.`);
  }
}
