import { gzipSync } from "node:zlib";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, type LoadSummary, load, type Mapping, openSource, readReceived } from "@jukebase/events";
import type { Random } from "@jukebase/mock-data/random.ts";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { nastyTokens } from "./nasty.ts";
import type { HostileTally } from "./tally.ts";

/** Whole files that are hostile: a line of gigabytes, none at all, archives that are cut off, damaged or bombs, and cells of CSV. */
export async function sendStreams(
  jukebase: Jukebase,
  {
    giant_bytes,
    csvRows,
    random,
    tally,
  }: { readonly giant_bytes: number; readonly csvRows: number; readonly random: Random; readonly tally: HostileTally },
): Promise<void> {
  const check = async (what: string, input: AsyncIterable<Uint8Array>, expected: Expected): Promise<void> => {
    const found = await loadStream(jukebase, what, input, expected);
    count(tally, found, expected.logged + expected.quarantined);
    const [is, ought] = [sentence(found), sentence(expected)];
    if (is !== ought) tally.wrong.push(`${what}: ${is}; expected ${ought}`);
  };
  const lines = Buffer.from(Array.from({ length: 3_000 }, (_, n) => `${sound(n)}\n`).join(""));
  const packed = gzipSync(lines);
  await check("a giant line", giant(giant_bytes), { logged: 2, quarantined: 1, refused: undefined });
  await check("an empty file", chunks(Buffer.alloc(0)), { logged: 0, quarantined: 0, refused: undefined });
  await check("a gzip bomb", chunks(gzipSync(Buffer.alloc(256 * 1024 * 1024))), {
    logged: 0,
    quarantined: 0,
    refused: /unfolds to more/,
  });
  await checkCut(jukebase, tally, "a truncated gzip", packed.subarray(0, packed.length - 9), /ends in the middle/);
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, Math.floor(packed.length * 0.7), Math.floor(packed.length * 0.7) + 64);
  await checkCut(jukebase, tally, "a damaged gzip", damaged, /is damaged/);
  const csv = csvOf(csvRows, random);
  await sendCsv(jukebase, csv, csvRows, tally);
}

type Expected = { readonly logged: number; readonly quarantined: number; readonly refused: RegExp | undefined };
type Found = Pick<LoadSummary, "logged" | "duplicates" | "quarantined"> & { readonly refused: string | undefined };

async function loadStream(
  jukebase: Jukebase,
  what: string,
  input: AsyncIterable<Uint8Array>,
  { refused }: Pick<Expected, "refused">,
): Promise<Found> {
  let read = { logged: 0, duplicates: 0, quarantined: 0 };
  const source = await declareSource(pgExecutor(jukebase.database.pg), what.replaceAll(" ", "-"));
  try {
    const opened = await openSource("-", { stdin: input, format: "ndjson" });
    const onProgress = (progress: typeof read): void => {
      read = progress;
    };
    await load(jukebase, readReceived(opened.input, { format: opened.format }), { source, name: "hostile", onProgress });
    return { ...read, refused: undefined };
  } catch (error) {
    if (!(error instanceof Invalid) || refused === undefined) throw error;
    return { ...read, refused: refused.test(error.message) ? String(refused) : error.message };
  }
}

function sentence({
  logged,
  quarantined,
  refused,
}: {
  logged: number;
  quarantined: number;
  refused: RegExp | string | undefined;
}): string {
  return `${logged} logged, ${quarantined} quarantined, refused ${refused ?? "not at all"}`;
}

function count(tally: HostileTally, found: Pick<Found, "logged" | "duplicates" | "quarantined">, sent: number): void {
  tally.sent += sent;
  tally.logged += found.logged;
  tally.duplicates += found.duplicates;
  tally.quarantined += found.quarantined;
}

/** An archive that breaks off: it is refused by name, and what came out of it before is in the log; how much that is, is zlib's affair. */
async function checkCut(jukebase: Jukebase, tally: HostileTally, what: string, bytes: Buffer, refused: RegExp): Promise<void> {
  const found = await loadStream(jukebase, what, chunks(bytes), { refused });
  count(tally, found, found.logged + found.duplicates + found.quarantined);
  if (found.refused !== String(refused)) tally.wrong.push(`${what}: ${found.refused ?? "not refused"}`);
  if (found.logged === 0) tally.wrong.push(`${what}: what came before the break was not taken in`);
}

function sound(n: number): string {
  return `{"id":"f${n}","type":"Payment.PaymentReceived","data":{"PaymentAmount":${n},"OccurredAt":"2026-01-01","Note":"${(n * 2_654_435_761).toString(36)}"}}`;
}

// A sound line, one of so many bytes that is made as it is read, and a sound line.
async function* giant(bytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${sound(1)}\n{"id":"giant","type":"Payment.PaymentReceived","data":{"Note":"`);
  const part = Buffer.alloc(1024 * 1024, 0x61);
  for (let left = bytes; left > 0; left -= part.length) yield part.subarray(0, Math.min(left, part.length));
  yield Buffer.from(`"}}\n${sound(2)}\n`);
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}

const mapping: Mapping = {
  source: "hostile-csv",
  kind: "facts",
  type: "Payment.PaymentReceived",
  id: "id",
  data: {
    PaymentAmount: { column: "amount" },
    CustomerId: { column: "customer" },
    OccurredAt: { column: "at", format: "yyyy-mm-dd" },
  },
};

/** Rows with a hostile cell each, quoted as CSV asks for or left bare where that leaves the record whole. */
function csvOf(rows: number, random: Random): Buffer {
  const parts: Buffer[] = [Buffer.from("id,amount,customer,at\n")];
  for (let n = 0; n < rows; n += 1) {
    const cells = [`c${n}`, `${random.int(1, 900)}.50`, `k${random.int(1, 50)}`, "2026-01-31"];
    const nasty = random.pick(nastyTokens);
    cells[random.int(0, 3)] = random.chance(0.5) ? `"${nasty.replaceAll('"', '""')}"` : nasty.replaceAll(/["\n,]/g, "");
    if (random.chance(0.02)) cells.push("one too many");
    parts.push(Buffer.from(cells.join(",")));
    if (random.chance(0.02)) parts.push(Buffer.from([random.pick([0x00, 0xff, 0x80])]));
    parts.push(Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}

async function sendCsv(jukebase: Jukebase, csv: Buffer, rows: number, tally: HostileTally): Promise<void> {
  const source = await declareSource(pgExecutor(jukebase.database.pg), mapping.source);
  const received = readReceived(chunks(csv), { format: "csv", mapping });
  const counts = await load(jukebase, received, { source, name: "hostile.csv" });
  count(tally, counts, rows);
  if (counts.received !== rows) tally.wrong.push(`${rows} rows of CSV were sent, and ${counts.received} read`);
}
