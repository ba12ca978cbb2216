import type { ZodObject } from "zod";
import type { EventContract } from "./contract.ts";
import type { Mart } from "./mart.ts";
import type { MartTest, TestRule } from "./mart-test.ts";
import type { Projection } from "./projection.ts";
import type { Report } from "./report.ts";

/** A SELECT that must return no row; its name is the message when it does. An error from one row on, unless it says otherwise. */
export type Check = Pick<TestRule, "severity" | "warnFrom" | "errorFrom"> & { readonly name: string; readonly file: URL };

/** Reference data: a CSV file of db/seeds in a table of schema `seeds`; what stands on it is built anew when it changes. */
export type Seed = {
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly key: readonly string[];
  /** Its columns; each is described. */
  readonly row: ZodObject;
  readonly tests?: readonly MartTest[];
};

/** Something outside that stands on marts: where the graph ends. Pages and reports of the console need no mention. */
export type Exposure = {
  readonly name: string;
  readonly kind: "dashboard" | "notebook" | "analysis" | "application" | "ml";
  readonly title: string;
  readonly description: string;
  readonly owner: { readonly name: string; readonly email?: string };
  readonly url?: string;
  readonly marts: readonly string[];
};

/** All that an app may know of a domain. */
export type Domain = {
  readonly name: string;
  readonly title: string;
  readonly events: readonly EventContract[];
  readonly projections: readonly Projection[];
  readonly marts: readonly Mart[];
  readonly checks: readonly Check[];
  readonly reports: readonly Report[];
  readonly seeds?: readonly Seed[];
  readonly exposures?: readonly Exposure[];
};
