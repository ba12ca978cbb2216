import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { cellFormats } from "./cells.ts";
import { type Mapping, mappedFormat, parseMapping } from "./mapping.ts";
import { outcomes, readAll } from "./reading.testing.ts";

const mapped: Mapping = {
  source: "shop",
  kind: "facts",
  type: "Payment.PaymentReceived",
  data: { PaymentAmount: { column: "amount" }, OccurredAt: { column: "date", format: "dd/mm/yyyy" }, Currency: { value: "USD" } },
};
const bodies = async (content: string | Uint8Array, mapping: Mapping) =>
  outcomes(await readAll(content, { format: mapping.columns ? "fixed" : "csv", mapping })).map((outcome) =>
    typeof outcome === "string" ? outcome : (outcome as { data: unknown }).data,
  );

describe("a mapping file", () => {
  const parse = (changes: object) => parseMapping(JSON.stringify({ ...mapped, ...changes }), "shop.json");

  test("is read as the reference page shows it", () => {
    const page = readFileSync(new URL("../../../docs/reference/mapping-files.md", import.meta.url), "utf8");
    const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, example = ""]) =>
      parseMapping(example, "the page"),
    );
    expect(examples.map(mappedFormat)).toEqual(["csv", "fixed"]);
    for (const format of cellFormats) expect(page).toContain(`\`${format}\``);
    for (const field of Object.keys(examples[0] ?? {})) expect(page).toContain(`| \`${field}\` |`);
  });

  test("is read as it was written", () => {
    expect(parse({ delimiter: ";", skip: 2, timeZone: "Europe/Rome", currency: "EUR", header: false, id: "1" })).toMatchObject({
      skip: 2,
    });
  });

  test.each<[object, RegExp]>([
    [{ kind: "fact" }, /shop\.json cannot be used:\n- kind: .*"facts"\|"observations"/],
    [{ amount: 1 }, /- the mapping: Unrecognized key: "amount"/],
    [{ data: { PaymentAmount: "amount" } }, /- data\.PaymentAmount: \{ column, format\? \} or \{ value \}/],
    [{ data: { OccurredAt: { column: "date", format: "yymmdd" } } }, /- data\.OccurredAt/],
    [{ data: {} }, /- data: names no field/],
    [{ data: { "A.B": { value: 1 }, A: { value: 2 } } }, /"A" cannot be a value and hold fields/],
    [{ data: { "a b": { value: 1 } } }, /a field is named like PaymentAmount/],
    [{ header: ["date", "total"] }, /no column "amount"; known: "date", "total"/],
    [{ header: ["date", "amount", "date"] }, /the column "date" is named twice/],
    [
      { columns: [{ name: "date", start: 9, end: 2 }] },
      /no column "amount"; known: "date"\n- columns: "date" ends \(2\) before it starts \(9\)/,
    ],
    [
      {
        columns: [
          { name: "date", start: 1 },
          { name: "amount", start: 9 },
        ],
        delimiter: ";",
      },
      /positions belong to fixed width/,
    ],
    [{ timeZone: "Rome" }, /- timeZone: an IANA time zone/],
    [{ delimiter: ",," }, /- delimiter: one character/],
  ])("that cannot be used says why: %j", (changes, message) => {
    expect(() => parse(changes)).toThrow(message);
  });

  test("that is no JSON says where it breaks", () => {
    expect(() => parseMapping('{"source": "a",}', "shop.json")).toThrow(
      /shop\.json cannot be read\. Has a trailing comma .* line 1, column 16/,
    );
  });
});

describe("CSV", () => {
  test("becomes events, empty cells left out", async () => {
    const [first, second] = await readAll("date,amount,note\r\n31/01/2024,12.50,x\r\n1/2/2024 14:05,,\r\n", {
      format: "csv",
      mapping: mapped,
    });
    expect(first).toMatchObject({ line: 2, end: 38 });
    expect(first?.outcome).toEqual({
      ok: true,
      envelope: {
        type: "Payment.PaymentReceived",
        source: "shop",
        data: { PaymentAmount: "12.50", OccurredAt: "2024-01-31", Currency: "USD" },
      },
    });
    expect(second?.outcome).toMatchObject({ envelope: { data: { OccurredAt: "2024-02-01T14:05", Currency: "USD" } } });
  });

  test("may quote commas, quotes and line ends", async () => {
    const mapping: Mapping = { ...mapped, data: { Note: { column: "note" }, "Details.N": { column: "n" } } };
    const received = await readAll('\ufeffn,"note"\n1,"a, ""b""\r\nc"\n2,5" disc\n3,"x"y\n4,ok\n', { format: "csv", mapping });
    expect(received.map(({ line }) => line)).toEqual([2, 4, 5, 6]);
    expect(received.map(({ outcome }) => (outcome.ok ? outcome.envelope.data : outcome.issues[0]?.code))).toEqual([
      { Note: 'a, "b"\r\nc', Details: { N: "1" } },
      "broken-csv",
      "broken-csv",
      { Note: "ok", Details: { N: "4" } },
    ]);
  });

  test("rows with other than the heading's columns are told with their line", async () => {
    const received = await readAll("date,amount\n01/01/2024,1\n01/01/2024\n01/01/2024,1,2", { format: "csv", mapping: mapped });
    expect(received.slice(1).map(({ outcome }) => !outcome.ok && outcome.issues)).toEqual([
      [{ path: "$", code: "wrong-columns", rule: "Line 3 has 1 columns instead of 2." }],
      [{ path: "$", code: "wrong-columns", rule: "Line 4 has 3 columns instead of 2." }],
    ]);
  });

  test("a heading that does not fit the mapping stops the reading", async () => {
    await expect(readAll("date;amount\n", { format: "csv", mapping: mapped })).rejects.toThrow(
      'The heading on line 1 does not fit the mapping: no column "amount", "date"; known: "date;amount".',
    );
    await expect(readAll("date,amount,date\n", { format: "csv", mapping: mapped })).rejects.toThrow(
      'more than one column "date"',
    );
    await expect(readAll("a", { format: "csv" })).rejects.toThrow("A CSV source needs a mapping file");
    expect(await readAll("", { format: "csv", mapping: mapped })).toEqual([]);
  });

  test("may have no heading, lines before it, another delimiter, and rows that are not wanted", async () => {
    const content = 'Report of "May"\n\n1;sold;7\n2;lost;8\n3;sold;9\n';
    const data = { Amount: { column: "3" } };
    expect(await bodies(content, { ...mapped, data, header: false, skip: 2, delimiter: ";", where: { "2": "sold" } })).toEqual([
      { Amount: "7" },
      { Amount: "9" },
    ]);
  });

  test("may be in Windows-1252", async () => {
    const bytes = Buffer.concat([Buffer.from("date,amount\n01/01/2024,"), Buffer.from([0x80, 0xe9])]);
    expect(await bodies(bytes, mapped)).toEqual(["not-utf8"]);
    expect(await bodies(bytes, { ...mapped, encoding: "latin1" })).toEqual([
      { PaymentAmount: "€é", OccurredAt: "2024-01-01", Currency: "USD" },
    ]);
  });

  test("an id and the time of an observation go into the envelope", async () => {
    const mapping: Mapping = {
      ...mapped,
      version: 2,
      kind: "observations",
      id: "n",
      observedAt: { column: "at", format: "epoch-seconds" },
    };
    const [received] = await readAll("n,at,date,amount\nx1,1700000000.5,01/01/2024,\0", { format: "csv", mapping });
    expect(received?.outcome).toMatchObject({ ok: false, issues: [{ code: "nul-character" }] });
    const [sound] = await readAll("n,at,date,amount\nx1,1700000000.5,01/01/2024,1", { format: "csv", mapping });
    expect(sound?.outcome).toMatchObject({ envelope: { id: "x1", time: "2023-11-14T22:13:20.5Z", version: 2 } });
  });
});

describe("a cell that is not of its form", () => {
  test.each(["32/01/2024", "29/02/2023", "2024-01-01", "01/13/2024", "01/01/24", "1/1/2024 noon"])(
    "is told: %s",
    async (cell) => {
      const [received] = await readAll(`date,amount\n${cell},1`, { format: "csv", mapping: mapped });
      expect(received?.outcome).toEqual({
        ok: false,
        issues: [{ path: "$.OccurredAt", code: "bad-format", rule: 'Line 2, column "date": is not of the form dd/mm/yyyy.' }],
      });
    },
  );
});

describe("fixed width", () => {
  const fixed: Mapping = {
    ...mapped,
    columns: [
      { name: "who", start: 1, end: 6 },
      { name: "amount", start: 8, end: 12 },
      { name: "note", start: 14 },
    ],
    data: { Who: { column: "who" }, Amount: { column: "amount" }, Note: { column: "note" } },
  };

  test("counts characters and drops the blanks around a cell", async () => {
    expect(await bodies("Zoë🎵   12.50 all the rest \nAnn    \n", fixed)).toEqual([
      { Who: "Zoë🎵", Amount: "12.50", Note: "all the rest" },
      { Who: "Ann" },
    ]);
  });

  test("a line that ends inside a column is told, since its value may be cut", async () => {
    const [received] = await readAll("Ann       1", { format: "fixed", mapping: fixed });
    expect(received?.outcome).toEqual({
      ok: false,
      issues: [{ path: "$", code: "short-line", rule: 'Line 1 ends at 11, inside the column "amount" (8 to 12).' }],
    });
  });
});
