import type { EventContract } from "@jukebase/platform/contract.ts";
import { customerRegistered } from "./events/customer-registered.ts";
import { deviceAllocated } from "./events/device-allocated.ts";
import { devicePurchased } from "./events/device-purchased.ts";
import { locationRegistered } from "./events/location-registered.ts";
import { paymentReceived } from "./events/payment-received.ts";

export { customerRegistered, deviceAllocated, devicePurchased, locationRegistered, paymentReceived };

/** The contracts that the sales domain reads: who bought what where, and what came in and went out for it. */
export const salesEvents: readonly EventContract[] = [
  customerRegistered,
  locationRegistered,
  deviceAllocated,
  paymentReceived,
  devicePurchased,
];
