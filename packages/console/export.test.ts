import { inflateRawSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOf } from "./csv.ts";
import { type Exported, exportFile } from "./export.ts";
import { sampleReport, sampleRows } from "./sample.ts";
import { displayWidth, terminalTable } from "./terminal.ts";
import { xlsxRowsMax } from "./xlsx.ts";

const fields = [
  { name: "note", type: "text" as const, description: "Words." },
  { name: "amount", type: "money" as const, description: "Value." },
  { name: "orders", type: "integer" as const, description: "How many." },
];
const exported = (rows: Exported["rows"], more: Partial<Exported> = {}): Exported => ({
  name: "orders",
  fields,
  rows,
  params: { where: { shelf: "a" }, options: { basis: "placed" }, from: "2024-01-01" },
  asOf: "2024-03-31 14:05 UTC",
  ...more,
});
const unguarded = (text: string) => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

describe("CSV", () => {
  it("read back gives the same values, whatever the text", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom(",", '"', "\r", "\n", "=", "+", "-", "@", "\t", " ", "a", "\u2028"))
        .map((parts) => parts.join("")),
    );
    const row = fc.record({
      note: text.filter((note) => !note.startsWith("'")),
      amount: fc.constantFrom("-12.50", "+1", "9007199254740993.12", "0"),
      orders: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.boolean(), (rows, bom) => {
        const [header, ...read] = parse(csvOf({ fields, rows }, { bom }), { bom: true, record_delimiter: "\r\n" }) as string[][];
        expect(header).toEqual(["note", "amount", "orders"]);
        expect(read.map(([note = "", amount, orders]) => [unguarded(note), amount, orders])).toEqual(
          rows.map(({ note, amount, orders }) => [note, amount, String(orders)]),
        );
      }),
    );
  });

  it("guards text that a spreadsheet would run and leaves numbers alone", () => {
    expect(
      csvOf({
        fields,
        rows: [
          { note: "=1+1", amount: "-12.50", orders: -3 },
          { note: "-2", amount: null, orders: null },
        ],
      }),
    ).toBe("note,amount,orders\r\n'=1+1,-12.50,-3\r\n'-2,,\r\n");
  });

  it("tells an empty text from nothing", () => {
    expect(csvOf({ fields: fields.slice(0, 1), rows: [{ note: "" }, { note: null }] })).toBe('note\r\n""\r\n\r\n');
  });
});

describe("JSON", () => {
  it("has the parts of the API's answer, money as decimal strings, exactly the described columns", async () => {
    const { body } = await exportFile(exported([{ note: "a", amount: "9007199254740993.12", orders: 1, hidden: "x" }]), "json");
    expect(JSON.parse(String(body))).toEqual({
      report: "orders",
      params: { from: "2024-01-01", where: { shelf: "a" }, options: { basis: "placed" } },
      as_of: "2024-03-31 14:05 UTC",
      columns: fields,
      rows: [{ note: "a", amount: "9007199254740993.12", orders: 1 }],
    });
  });
});

describe("XLSX", () => {
  it("holds typed cells, the parameters on a second sheet, and never a rounded number", async () => {
    const rows = [
      { note: "=HYPERLINK(1)\u0000", amount: "12.345", orders: 5 },
      { note: "b", amount: "9007199254740993.12", orders: null },
    ];
    const files = unzip((await exportFile(exported(rows), "xlsx")).body as Buffer);
    const sheet = files.get("xl/worksheets/sheet1.xml") ?? "";
    expect(sheet).toMatch(/<c r="B2"[^>]*><v>12\.345<\/v>/);
    expect(sheet).toMatch(/<c r="C2"[^>]*><v>5<\/v>/);
    expect(sheet).toMatch(/<c r="B3"[^>]*t="s"/);
    expect(sheet).not.toContain("<f>");
    const strings = files.get("xl/sharedStrings.xml") ?? "";
    for (const text of ["9007199254740993.12", "=HYPERLINK(1)<", "shelf", "2024-03-31 14:05 UTC"])
      expect(strings).toContain(text);
    expect(files.get("xl/styles.xml")).toContain("#,##0.000");
  });

  it("writes dates and instants as dates", async () => {
    const files = unzip((await exportFile({ ...exported(sampleRows), fields: sampleReport.columns }, "xlsx")).body as Buffer);
    expect(files.get("xl/worksheets/sheet1.xml")).toMatch(/<c r="A2"[^>]*><v>44927<\/v>/);
  });

  it("refuses more rows than it can hold and says what to do", async () => {
    const rows = Array.from({ length: xlsxRowsMax + 1 }, () => ({}));
    await expect(exportFile(exported(rows), "xlsx")).rejects.toThrow(/ask for CSV/);
  });
});

describe("a terminal table", () => {
  it("aligns numbers at the right, also beside wide characters", () => {
    const text = terminalTable({
      fields,
      rows: [
        { note: "東京", amount: "1234.5", orders: 7 },
        { note: "e\u0301a", amount: "-3", orders: 1200 },
      ],
    });
    expect(text).toBe("note    amount  orders\n────  ────────  ──────\n東京  1,234.50       7\ne\u0301a       -3.00   1,200\n");
  });

  it("is not driven by what it shows", () => {
    expect(terminalTable({ fields: fields.slice(0, 1), rows: [{ note: "a\u001b[2Jb\nc" }] })).not.toContain("\u001b");
  });

  it("counts cells, not characters", () => {
    expect(["abc", "日本", "👩‍👩‍👧", "e\u0301", "❤️", ""].map(displayWidth)).toEqual([3, 4, 2, 1, 2, 0]);
  });
});

/** The text files of a zip, by name, read from its central directory. */
function unzip(zip: Buffer): Map<string, string> {
  const end = zip.lastIndexOf(Buffer.from("PK\u0005\u0006"));
  const files = new Map<string, string>();
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const [method, size, nameLength, local] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
      zip.readUInt32LE(at + 42),
    ];
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + size);
    files.set(
      zip.toString("utf8", at + 46, at + 46 + nameLength),
      (method === 8 ? inflateRawSync(bytes) : bytes).toString("utf8"),
    );
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}
