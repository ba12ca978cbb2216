import type { Dialect } from "@jukebase/platform/contract.ts";
import { expect, test } from "vitest";
import type { Reading } from "../reading.ts";

/** A source that says nothing of its dialect. */
export const plain: Dialect = { timeZone: "UTC", currency: "USD" };

/** A row of a field builder's test: what is sent, and the normalised value or the code of the refusal. */
export type Case = readonly [sent: unknown, expected: { readonly value: unknown } | { readonly code: string }];

/** The expectation that a value is accepted as this. */
export const becomes = (value: unknown) => ({ value });

/** The expectation that a value is refused with this code. */
export const isRefusedAs = (code: string) => ({ code });

/** One test per row. */
export const testReadings = (read: (value: unknown) => Reading, cases: readonly Case[]): void => {
  test.each(cases.map(([sent, expected]) => ({ title: shown(sent), sent, expected })))("$title", ({ sent, expected }) => {
    expect(read(sent)).toMatchObject({ ok: "value" in expected, ...expected });
  });
};

/** JSON values that are no scalar; every field refuses them. */
export const notScalars: readonly Case[] = [[], {}, [1], { a: 1 }].map((value) => [value, isRefusedAs("wrong-type")]);

const shown = (sent: unknown): string => (typeof sent === "number" ? String(sent) : JSON.stringify(sent)).slice(0, 40);
