import type { EventContract } from "./contract.ts";
import type { Mart } from "./mart.ts";
import type { Projection } from "./projection.ts";
import type { Report } from "./report.ts";

/** A SELECT that must return no row; its file name is the message when it does. */
export type Check = { readonly name: string; readonly file: URL };

/** All that an app may know of a domain. */
export type Domain = {
  readonly name: string;
  readonly title: string;
  readonly events: readonly EventContract[];
  readonly projections: readonly Projection[];
  readonly marts: readonly Mart[];
  readonly checks: readonly Check[];
  readonly reports: readonly Report[];
};
