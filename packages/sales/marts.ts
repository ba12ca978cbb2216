import type { Mart } from "@jukebase/platform";
import { dimAgents } from "./marts/dim_agents.ts";
import { dimCustomerVersions } from "./marts/dim_customer_versions.ts";
import { dimCustomers } from "./marts/dim_customers.ts";
import { dimDevices } from "./marts/dim_devices.ts";
import { dimLocations } from "./marts/dim_locations.ts";
import { dimProductPrices } from "./marts/dim_product_prices.ts";
import { dimProducts } from "./marts/dim_products.ts";
import { fctAllocations } from "./marts/fct_allocations.ts";
import { fctDevicePurchases } from "./marts/fct_device_purchases.ts";
import { fctExpectedPayments } from "./marts/fct_expected_payments.ts";
import { fctPaymentApplications } from "./marts/fct_payment_applications.ts";
import { fctPayments } from "./marts/fct_payments.ts";
import { fctSales } from "./marts/fct_sales.ts";

/** The marts of this domain. */
export const marts: readonly Mart[] = [
  dimCustomers,
  dimCustomerVersions,
  dimLocations,
  dimAgents,
  dimProducts,
  dimProductPrices,
  dimDevices,
  fctAllocations,
  fctSales,
  fctPayments,
  fctPaymentApplications,
  fctExpectedPayments,
  fctDevicePurchases,
];
