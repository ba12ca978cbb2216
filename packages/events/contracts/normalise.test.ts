import { describe, expect, test } from "vitest";
import { plain } from "./fields/readings.testing.ts";
import { sampleContract } from "./sample.testing.ts";

const body = { RentalId: 5, Line: { Price: "$500", Title: " Ten " }, Length: "4:18", OccurredAt: "01/01/01" };

const normalise = (sent: unknown, version?: number, time?: string) => sampleContract.normalise(sent, version, time, plain);

const acceptedBody = (sent: unknown, version?: number, time?: string) => {
  const result = normalise(sent, version, time);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
};

const issuesOf = (sent: unknown, version?: number, time?: string) => {
  const result = normalise(sent, version, time);
  return result.ok ? [] : result.issues.map(({ path, code }) => `${path} ${code}`);
};

describe("a body that keeps its contract", () => {
  test("is normalised, with the sent form of what changed", () => {
    expect(acceptedBody(body)).toEqual({
      version: 2,
      occurredAt: "2001-01-01T00:00:00Z",
      data: {
        RentalId: "5",
        Line: { Price: "500", Currency: "USD", Title: "Ten" },
        Length: "258",
        OccurredAt: "2001-01-01T00:00:00Z",
      },
      sent: { "$.RentalId": 5, "$.Line.Price": "$500", "$.Line.Title": " Ten ", "$.Length": "4:18", "$.OccurredAt": "01/01/01" },
      pii: [],
      subject: "renter:5",
      unknown: undefined,
    });
  });

  test("keeps no sent form of what did not change", () => {
    const sent = {
      RentalId: "5",
      Line: { Price: "500", Currency: "USD", Title: "Ten" },
      Length: "258",
      OccurredAt: "2001-01-01T00:00:00Z",
    };
    expect(acceptedBody(sent)).toMatchObject({ data: sent, sent: {} });
  });

  test("has null where an optional field is absent", () => {
    const value = acceptedBody({ ...body, Noise: null, RenterEmailDomain: " " });
    expect(value.data).not.toHaveProperty("Noise");
    expect(value.sent).toMatchObject({ "$.Noise": null, "$.RenterEmailDomain": " " });
  });

  test("has its unknown fields split off, however deep", () => {
    const value = acceptedBody({ ...body, Extra: [1], Line: { ...body.Line, Colour: { a: 1 } } });
    expect(value.unknown).toEqual({ Extra: [1], Line: { Colour: { a: 1 } } });
    expect(value.data).not.toHaveProperty("Extra");
  });

  test("has field names spelt exactly so: another case is another, unknown field", () => {
    expect(acceptedBody({ ...body, loud: true }).unknown).toEqual({ loud: true });
    expect(issuesOf({ ...body, RentalId: undefined, rentalId: 5 })).toEqual(["$.RentalId missing"]);
  });

  test("may hold a field called __proto__, which is unknown like any other", () => {
    const sent = JSON.parse('{"__proto__": {"Loud": true}}') as object;
    const value = acceptedBody(Object.defineProperties({ ...body }, Object.getOwnPropertyDescriptors(sent)));
    expect(value.data).not.toHaveProperty("Loud");
    expect(Object.keys(value.unknown ?? {})).toEqual(["__proto__"]);
  });
});

describe("a body under a wrapping field", () => {
  test("is taken out of it; paths are those that were sent", () => {
    const value = acceptedBody({ Rental: { ...body, Extra: 1 }, Beside: 2 });
    expect(value.data).toEqual(acceptedBody(body).data);
    expect(value.sent).toMatchObject({ "$.Rental.RentalId": 5 });
    expect(value.unknown).toEqual({ Rental: { Extra: 1 }, Beside: 2 });
    expect(issuesOf({ Rental: { ...body, Line: { Title: "x" } } })).toEqual(["$.Rental.Line.Price missing"]);
  });

  test("is completed by fields beside the wrapper, the inner one winning", () => {
    const { OccurredAt, ...rest } = body;
    expect(acceptedBody({ Rental: rest, OccurredAt }).sent).toMatchObject({ "$.OccurredAt": "01/01/01" });
    expect(acceptedBody({ Rental: body, RentalId: 6 })).toMatchObject({ data: { RentalId: "5" }, unknown: { RentalId: 6 } });
  });
});

describe("the moment of an event", () => {
  const { OccurredAt: _, ...undated } = body;

  test("is the envelope's time where the body says none", () => {
    const value = acceptedBody(undated, undefined, "2020-12-31T01:00:00+01:00");
    expect(value).toMatchObject({ occurredAt: "2020-12-31T00:00:00Z", data: { OccurredAt: "2020-12-31T00:00:00Z" } });
  });

  test("is the body's where both say one", () => {
    expect(acceptedBody(body, undefined, "2020-12-31T00:00:00Z").occurredAt).toBe("2001-01-01T00:00:00Z");
  });

  test("is missing where neither says one, and wrong where the one that counts is wrong", () => {
    expect(issuesOf(undated)).toEqual(["$.OccurredAt missing"]);
    expect(issuesOf(undated, undefined, "soon")).toEqual(["$.time not-a-date"]);
    expect(issuesOf({ ...body, OccurredAt: "31/02/2020" }, undefined, "2020-12-31T00:00:00Z")).toEqual([
      "$.OccurredAt impossible-date",
    ]);
  });
});

describe("what tells of a person", () => {
  const personal = { ...body, RenterEmail: " ann@Example.com ", RenterBorn: "31/12/1987" };

  test("goes to the vault, and only its class stays", () => {
    const value = acceptedBody(personal);
    expect(value.pii).toEqual([
      { path: "$.RenterEmail", kind: "email", value: "ann@Example.com" },
      { path: "$.RenterBorn", kind: "birth-date", value: "1987-12-31" },
    ]);
    expect(value.data).toMatchObject({ RenterEmailDomain: "example.com", RenterDecade: 1980 });
    expect(JSON.stringify([value.data, value.sent, value.unknown])).not.toMatch(/ann@|1987/);
  });

  test("decides over a class that was sent beside it", () => {
    const value = acceptedBody({ ...personal, RenterDecade: 1970, RenterEmailDomain: "example.org" });
    expect(value.data).toMatchObject({ RenterDecade: 1980, RenterEmailDomain: "example.com" });
    expect(value.sent).toMatchObject({ "$.RenterDecade": 1970, "$.RenterEmailDomain": "example.org" });
  });

  test("is not quoted by what refuses it", () => {
    const result = normalise({ ...body, RenterBorn: "02/01/1987" });
    expect(JSON.stringify(result)).not.toContain("02/01/1987");
    expect(result).toMatchObject({ ok: false, issues: [{ path: "$.RenterBorn", code: "ambiguous-date" }] });
  });
});

describe("the currency of an amount", () => {
  const priced = (line: object, currency = "USD") =>
    sampleContract.normalise({ ...body, Line: { Title: "x", ...line } }, undefined, undefined, { ...plain, currency });
  const lineOf = (result: ReturnType<typeof priced>) =>
    result.ok ? result.value.data.Line : result.issues.map(({ code }) => code);

  test.each([
    [{ Price: 5 }, "EUR", "EUR"],
    [{ Price: "€5" }, "USD", "EUR"],
    [{ Price: "$5" }, "EUR", "USD"],
    [{ Price: "$5" }, "CAD", "CAD"],
    [{ Price: "$5", Currency: "aud" }, "USD", "AUD"],
    [{ Price: "5", Currency: "JPY" }, "USD", "JPY"],
    [{ Price: "5", Deposit: "€1" }, "USD", "EUR"],
  ])("%j of a source in %s is in %s", (line, source, currency) => {
    expect(lineOf(priced(line, source))).toMatchObject({ Currency: currency });
  });

  test("may not be contradicted by its sign, nor by another sign beside it", () => {
    expect(lineOf(priced({ Price: "€5", Currency: "USD" }))).toEqual(["currency-contradicts"]);
    expect(lineOf(priced({ Price: "€5", Deposit: "£1" }))).toEqual(["currency-contradicts"]);
  });
});

describe("a body that breaks its contract", () => {
  test("has every issue listed, with path and rule in words", () => {
    const result = normalise({ RentalId: true, Line: { Price: "-5", Title: {} }, Length: "x", OccurredAt: "02/01/20" });
    expect(result).toMatchObject({ ok: false, version: 2 });
    expect(result.ok ? [] : result.issues.map(({ path, code }) => `${path} ${code}`)).toEqual([
      "$.RentalId wrong-type",
      "$.Line.Price negative",
      "$.Line.Title wrong-type",
      "$.OccurredAt ambiguous-date",
      "$.Length not-seconds",
    ]);
    expect(result.ok ? "" : result.issues[1]?.rule).toMatch(/^Is negative\. Expected: An amount, more than zero/);
  });

  test.each([null, 1, "x", [], [{ RentalId: 5 }], undefined])("%j is no body", (sent) => {
    expect(issuesOf(sent)).toEqual(["$ not-an-object"]);
  });

  test("has a group that is no object", () => {
    expect(issuesOf({ ...body, Line: "x" })).toEqual(["$.Line not-an-object"]);
  });

  test("breaks a rule over several fields", () => {
    expect(issuesOf({ ...body, Loud: 1 })).toEqual(["$ no-grade"]);
  });
});

describe("the version of a body", () => {
  test("is the newest whose mark it carries, else the oldest", () => {
    const { Length: _, ...first } = body;
    expect([acceptedBody(body).version, acceptedBody(first).version]).toEqual([2, 1]);
  });

  test("is the one it names, whatever its fields", () => {
    expect(acceptedBody(body, 1)).toMatchObject({ version: 1, unknown: { Length: "4:18" } });
    const { Length: _, ...first } = body;
    expect(issuesOf(first, 2)).toEqual(["$.Length missing"]);
  });

  test("must be known", () => {
    const result = normalise(body, 3);
    expect(result).toMatchObject({ ok: false, version: 2, issues: [{ path: "$.version", code: "unknown-version" }] });
    expect(result.ok ? "" : result.issues[0]?.rule).toContain("known: 1-0-0, 2-0-0");
  });
});
