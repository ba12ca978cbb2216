import type { Jukebase } from "@jukebase/domains/open.ts";
import type { Executor } from "@jukebase/platform";

/** What every page is given. */
export type Console = {
  readonly jukebase: Jukebase;
  /** The plain pool, as the packages ask for it. */
  readonly db: Executor;
  /** The reporting zone (IANA); instants are shown in it unless a URL says otherwise. */
  readonly zone: string;
  readonly version: string;
};
