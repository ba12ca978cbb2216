import { finance } from "@jukebase/finance";
import { music } from "@jukebase/music";
import type { Domain } from "@jukebase/platform";
import { sales } from "@jukebase/sales";

/** The one list: a domain is part of Jukebase when it stands here. */
export const domains: readonly Domain[] = [sales, music, finance];
