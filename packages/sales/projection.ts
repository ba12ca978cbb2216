import { inBulk, type Projection } from "@jukebase/platform";
import { allocations } from "./projection/allocations.ts";
import { customers, customersInBulk } from "./projection/customers.ts";
import { devices, devicesInBulk } from "./projection/devices.ts";
import { locations, locationsInBulk } from "./projection/locations.ts";
import { payments, paymentsInBulk } from "./projection/payments.ts";

/**
 * From customers, locations, allocations, purchases and payments to the sales model.
 *
 * Facts are stored one row per event; everything else is deleted and derived anew for the things a step touched, so that any order of
 * arrival leads to the same tables. Each statement notes in `touched` whose rows it may have changed; the next ones start from there.
 */
export const projection: Projection = {
  name: "sales",
  schema: "sales",
  types: [
    "Sale.CustomerRegistered",
    "Sale.LocationRegistered",
    "Sale.DeviceAllocated",
    "Logistic.DevicePurchased",
    "Payment.PaymentReceived",
  ],
  facts: {
    "Sale.CustomerRegistered": "customer_registration",
    "Sale.LocationRegistered": "location_registration",
    "Sale.DeviceAllocated": "device_allocation",
    "Logistic.DevicePurchased": "device_purchase",
    "Payment.PaymentReceived": "payment_receipt",
  },
  apply: async (db) => {
    for (const statement of [...customers, ...locations, ...devices, ...allocations, ...payments]) await db.query(statement);
  },
  bulk: inBulk(customersInBulk, locationsInBulk, devicesInBulk, paymentsInBulk),
};
