import type { Domain } from "@jukebase/platform";
import { salesEvents } from "./events.ts";
import { marts } from "./marts.ts";
import { projection } from "./projection.ts";
import { productSales } from "./reports/product-sales.ts";
import { totalSales } from "./reports/total-sales.ts";

/** Customers, locations, allocations, payments and the sales they make. */
export const sales: Domain = {
  name: "sales",
  title: "Sales",
  events: salesEvents,
  projections: [projection],
  marts,
  checks: [
    { name: "a payment pays at most itself", file: new URL("./checks/a_payment_pays_at_most_itself.sql", import.meta.url) },
    {
      name: "an allocation is paid at most its price",
      file: new URL("./checks/an_allocation_is_paid_at_most_its_price.sql", import.meta.url),
    },
    {
      name: "applied payments name an allocation",
      file: new URL("./checks/applied_payments_name_an_allocation.sql", import.meta.url),
    },
    { name: "one price is in force", file: new URL("./checks/one_price_is_in_force.sql", import.meta.url) },
    {
      name: "one version of a customer holds",
      file: new URL("./checks/one_version_of_a_customer_holds.sql", import.meta.url),
    },
  ],
  reports: [totalSales, productSales],
};
