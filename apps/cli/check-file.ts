import { type Judged, judge, keysFrom, openSource, readReceived, type Source } from "@jukebase/events";
import type { ContractIssue, EventContract } from "@jukebase/platform";
import { formatOf, mappingOf } from "./formats.ts";

/** What may be said of a file to check. */
export type CheckOptions = { readonly type?: string; readonly format?: string; readonly mapping?: string };

/** What a check found; `broken` holds the first thousand. */
export type Checked = {
  readonly counts: { readonly read: number; readonly sound: number; readonly broken: number };
  readonly broken: readonly { readonly line: number; readonly type: string | null; readonly issues: readonly ContractIssue[] }[];
};

const listed_max = 1000;

/** Judges every event of a file by its contract; nothing is stored, and no database is needed. */
export async function checkFile(
  contracts: ReadonlyMap<string, EventContract>,
  file: string,
  options: CheckOptions,
): Promise<Checked> {
  const mapping = await mappingOf(options.mapping);
  const opened = await openSource(file, { format: formatOf(options.format), mapping });
  const bench = { contracts, source: sourceOf(mapping), keys: noKeys, receivedAt: new Date(), type: options.type };
  const counts = { read: 0, sound: 0, broken: 0 };
  const broken: Checked["broken"][number][] = [];
  for await (const received of readReceived(opened.input, { format: opened.format, mapping, type: options.type })) {
    const verdict: Judged = judge(received, bench);
    counts.read += 1;
    counts[verdict.sound ? "sound" : "broken"] += 1;
    if (!verdict.sound && broken.length < listed_max)
      broken.push({ line: received.line, type: verdict.type ?? null, issues: verdict.issues });
  }
  return { counts, broken };
}

// Judging hashes bodies; without a log to compare with, any key will do.
const noKeys = keysFrom(Buffer.alloc(32).toString("base64"));

function sourceOf(mapping: Awaited<ReturnType<typeof mappingOf>>): Source {
  const { source = "main", kind = "facts", dateOrder, timeZone = "UTC", currency = "USD" } = mapping ?? {};
  return { source, kind, namespace: source, dialect: { dateOrder, timeZone, currency } };
}
