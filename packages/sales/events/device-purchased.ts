import { defineEvent, id, occurredAt } from "@jukebase/events/contracts/index.ts";
import { deviceDetails } from "./device-details.ts";

/** A device bought to be allocated later: money spent. */
export const devicePurchased = defineEvent({
  type: "Logistic.DevicePurchased",
  description: "A device was bought; its price is money spent, not what a customer pays.",
  naturalKey: "device_id",
  versions: {
    1: {
      fields: {
        DeviceId: id("The device."),
        DeviceDetails: deviceDetails("What was paid for the device."),
        OccurredAt: occurredAt(),
      },
    },
  },
});
