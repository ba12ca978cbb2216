import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { behind_events, busy_sessions, decide, pressureOf, type Wanted } from "./pressure.ts";

const calm = { unread_events: 4_000, received_per_s: 2_000, waiting_sessions: 2 };

test("steady intake is no pressure; a log far behind is, and so are sessions in each other's way", () => {
  expect(pressureOf(calm)).toBe("none");
  expect(pressureOf({ ...calm, waiting_sessions: busy_sessions })).toBe("busy");
  expect(pressureOf({ ...calm, unread_events: behind_events })).toBe("behind");
});

const wanted: Wanted = { apart: false, due_in_ms: 0, waiting_ms: 1_000, freshness_ms: 60_000, last_ms: 400, rest_ms: 700 };

describe("a refresh", () => {
  test("goes ahead when nothing speaks against it", () => {
    expect(decide(wanted, "none")).toEqual({ go: true });
  });

  test("waits for its time, whatever the load", () => {
    expect(decide({ ...wanted, due_in_ms: 5_000 }, "none")).toEqual({ go: false, why: "not due", at_most_ms: 5_000 });
  });

  test("waits while the log is far behind, until half of what its freshness allows is over", () => {
    expect(decide(wanted, "behind")).toEqual({ go: false, why: "behind", at_most_ms: 29_000 });
    expect(decide({ ...wanted, waiting_ms: 30_000 }, "behind")).toEqual({ go: true });
  });

  test("takes a quarter of the time of a busy database", () => {
    expect(decide(wanted, "busy")).toEqual({ go: false, why: "busy", at_most_ms: 500 });
    expect(decide({ ...wanted, rest_ms: 1_200 }, "busy")).toEqual({ go: true });
  });

  test("of what is apart waits while the database is busy", () => {
    expect(decide({ ...wanted, apart: true, rest_ms: 50_000 }, "busy")).toEqual({ go: false, why: "busy", at_most_ms: 29_000 });
  });

  const duration = fc.integer({ min: 0, max: 200_000 });
  const any = fc.record({
    apart: fc.boolean(),
    due_in_ms: fc.constant(0),
    waiting_ms: duration,
    freshness_ms: duration,
    last_ms: duration,
    rest_ms: duration,
  });

  test("is never held back beyond its freshness, and a heavier load never lets it go sooner", () => {
    fc.assert(
      fc.property(any, (one) => {
        const [none, busy, behind] = (["none", "busy", "behind"] as const).map((pressure) => decide(one, pressure));
        for (const decision of [none, busy, behind]) {
          if (decision?.go !== false) continue;
          expect(one.waiting_ms).toBeLessThan(one.freshness_ms / 2);
          expect(decision.at_most_ms).toBeGreaterThan(0);
          const later = { ...one, waiting_ms: one.waiting_ms + decision.at_most_ms, rest_ms: one.rest_ms + decision.at_most_ms };
          expect(decide(later, decision.why === "busy" ? "busy" : "behind")).toEqual({ go: true });
        }
        expect(none?.go).toBe(true);
        if (behind?.go) expect(busy?.go).toBe(true);
      }),
    );
  });
});
