import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseMapping } from "./mapping.ts";
import { openSource } from "./open.ts";
import { readReceived } from "./read.ts";
import { collect } from "./reading.testing.ts";
import type { RawEnvelope } from "./received.ts";

const root = new URL("../../../", import.meta.url);
const file = new URL("../shared/data/cdnow/CDNOW_sample.txt", root);
const example = new URL("examples/cdnow.mapping.json", import.meta.url);
const mapping = parseMapping(readFileSync(example, "utf8"), "cdnow.mapping.json");

// The purchases of 2,357 customers of CDNOW, 1997 to 1998 (Fader and Hardie); the data set is not part of the repository.
describe.skipIf(!existsSync(file))("the CDNOW sample (skipped where ../shared/data/cdnow/CDNOW_sample.txt is not there)", () => {
  test("is read whole: 6,919 payments that add up to the cent", async () => {
    const { input, format, size } = await openSource(file.pathname, { mapping });
    const received = await collect(readReceived(input, { format, mapping }));
    const payments = received.map(({ outcome }) => (outcome.ok ? (outcome.envelope as Payment) : undefined));
    expect(format).toBe("fixed");
    expect(payments).toHaveLength(6919);
    expect(received.at(-1)?.end).toBe(size);
    expect(payments[0]).toEqual({
      type: "Payment.PaymentReceived",
      source: "cdnow",
      data: { CustomerId: "00004", PaymentAmount: "29.33", Currency: "USD", OccurredAt: "1997-01-01" },
    });
    const read = payments.reduce((sum, payment) => sum + cents(payment?.data.PaymentAmount), 0n);
    expect(read).toBe(centsInFile());
    expect(read).toBe(24_409_194n);
    expect(payments.filter((payment) => cents(payment?.data.PaymentAmount) === 0n)).toHaveLength(8);
    expect(payments.every((payment) => /^199[78]-[01]\d-[0-3]\d$/.test(payment?.data.OccurredAt ?? ""))).toBe(true);
  });
});

type Payment = RawEnvelope & { data: { CustomerId: string; PaymentAmount: string; Currency: string; OccurredAt: string } };

/** The same sum in another way: split at blanks, no columns. */
function centsInFile(): bigint {
  const rows = readFileSync(file, "latin1").trim().split("\r\n");
  return rows.reduce((sum, row) => sum + cents(row.trim().split(/ +/)[4]), 0n);
}

function cents(amount: string | undefined): bigint {
  const [, whole = "", fraction = ""] = /^(\d+)\.(\d\d)$/.exec(amount ?? "") ?? [];
  return BigInt(whole + fraction);
}
