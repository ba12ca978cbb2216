import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Divisible, slow_ms, type Unit, unitsOf } from "./units.ts";

const kept = (name: string, upstream: string[], more: Partial<Divisible> = {}): Divisible => ({
  name,
  kind: "rollup",
  upstream,
  projections: upstream.length === 0 ? ["sales"] : [],
  refresh: null,
  usual_ms: 5,
  ...more,
});
const rarely = { refresh: { every_s: 600 } };
const shown = (units: readonly Unit<Divisible>[]) =>
  units.map(
    ({ marts, along, apart }) => `${apart ? "apart: " : ""}${names(marts)}${along.length > 0 ? ` with ${names(along)}` : ""}`,
  );
const names = (marts: readonly Divisible[]): string => marts.map(({ name }) => name).join(" ");

describe("the units of a family", () => {
  test("are one while nothing in it costs much", () => {
    expect(shown(unitsOf([kept("a", []), kept("b", []), kept("c", ["a", "b"])]))).toEqual(["a b c"]);
  });

  test("leave out a mart with a schedule, and what stands on it", () => {
    const marts = [kept("a", []), kept("b", ["a"]), kept("c", ["b"], rarely), kept("d", ["a", "c"])];
    expect(shown(unitsOf(marts))).toEqual(["a b", "apart: c d"]);
  });

  test("leave out what usually takes long", () => {
    expect(shown(unitsOf([kept("a", []), kept("b", ["a"], { usual_ms: slow_ms })]))).toEqual(["a", "apart: b"]);
  });

  test("are two where two such marts have nothing above them in common, and one where they have", () => {
    const two = [kept("a", []), kept("b", ["a"], rarely), kept("c", ["a"], rarely)];
    expect(shown(unitsOf(two))).toEqual(["a", "apart: b", "apart: c"]);
    expect(shown(unitsOf([...two, kept("d", ["b", "c"])]))).toEqual(["a", "apart: b c d"]);
  });

  test("stay together on two halves that only a mart apart joins, so that it finds them in one snapshot", () => {
    expect(shown(unitsOf([kept("a", []), kept("b", []), kept("c", ["a", "b"], rarely)]))).toEqual(["a b", "apart: c"]);
  });

  test("take along what is beneath a mart with a schedule that reads the same projection's tables itself", () => {
    const marts = [kept("a", []), kept("b", []), kept("c", ["a"], { ...rarely, projections: ["sales"] }), kept("d", ["b"])];
    expect(shown(unitsOf(marts))).toContain("apart: c with a");
  });

  test("need nothing along for another projection's tables", () => {
    const marts = [kept("a", []), kept("c", ["a"], { ...rarely, projections: ["music"] })];
    expect(shown(unitsOf(marts))).toEqual(["a", "apart: c"]);
  });

  test("keep a slow mart that would have to bring along what it reads, or that a view joins with others", () => {
    const mixed = kept("c", ["a"], { usual_ms: slow_ms, projections: ["sales"] });
    expect(shown(unitsOf([kept("a", []), mixed]))).toEqual(["a c"]);
    const view = kept("d", ["a", "b"], { kind: "view" });
    expect(shown(unitsOf([kept("a", []), kept("b", ["a"], { usual_ms: slow_ms }), view]))).toEqual(["a b d"]);
  });

  test("are none for views that stand on tables alone", () => {
    expect(unitsOf([kept("a", [], { kind: "view" })])).toEqual([]);
  });
});

// A mart reads some of those before it, tables of one of two projections, or both.
const family = fc
  .array(
    fc.record({
      kind: fc.constantFrom<Divisible["kind"]>("rollup", "rollup", "materialized", "view"),
      beneath: fc.array(fc.nat(8), { maxLength: 3 }),
      projections: fc.subarray(["sales", "music"]),
      cost: fc.constantFrom("little", "little", "much", "scheduled"),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((drawn) =>
    drawn.map(({ kind, beneath, projections, cost }, n): Divisible => {
      const upstream = [...new Set(beneath.filter((at) => at < n))].map((at) => `m${at}`);
      const refresh = cost === "scheduled" && kind !== "view" ? rarely.refresh : null;
      const own = upstream.length === 0 && projections.length === 0 ? ["sales"] : projections;
      return { name: `m${n}`, kind, upstream, projections: own, refresh, usual_ms: cost === "much" ? slow_ms : 1 };
    }),
  );

describe("the units of any marts", () => {
  test("hold every kept mart once, beneath before above", () => {
    fc.assert(
      fc.property(family, (marts) => {
        const units = unitsOf(marts);
        const held = units.flatMap((unit) => unit.marts).filter(({ kind }) => kind !== "view");
        expect(held.map(({ name }) => name).sort()).toEqual(
          marts
            .filter(({ kind }) => kind !== "view")
            .map(({ name }) => name)
            .sort(),
        );
        const before = new Set<string>();
        for (const { marts: members } of units.filter(({ apart }) => !apart)) {
          for (const mart of members) {
            for (const name of mart.upstream) expect(before.has(name)).toBe(true);
            before.add(mart.name);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  // Each unit is refreshed on what the others committed, what is not apart all the time between; of every projection a mart then knows in
  // which refresh its rows were read.
  test("read each projection in one snapshot only, however they take turns", () => {
    fc.assert(
      fc.property(family, fc.array(fc.nat(20), { maxLength: 12 }), (marts, turns) => {
        const units = unitsOf(marts);
        const readIn = new Map<string, Map<string, Set<string>>>();
        const gather = (mart: Divisible, run: string) => {
          const found = new Map<string, Set<string>>(mart.projections.map((projection) => [projection, new Set([run])]));
          for (const name of mart.upstream) {
            const beneath = marts.find((one) => one.name === name) as Divisible;
            const from = beneath.kind === "view" ? gather(beneath, run) : (readIn.get(name) ?? new Map());
            for (const [projection, runs] of from) found.set(projection, new Set([...(found.get(projection) ?? []), ...runs]));
          }
          return found;
        };
        const fresh = units.filter(({ apart }) => !apart);
        const inTurn = [...units, ...turns.flatMap((turn) => units[turn % units.length] ?? [])];
        for (const [n, unit] of inTurn.flatMap((one) => [...fresh, one]).entries()) {
          const bring = marts.filter((mart) => [...unit.along, ...unit.marts].includes(mart) && mart.kind !== "view");
          for (const mart of bring) readIn.set(mart.name, gather(mart, `run ${n}`));
          for (const { name } of bring) for (const runs of readIn.get(name)?.values() ?? []) expect(runs.size).toBe(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
