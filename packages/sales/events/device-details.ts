import { currency, id, money, name, nested } from "@jukebase/events/contracts/index.ts";

/** What a device is and costs: the group that allocations and purchases share. `whose` says whose price it is. */
export const deviceDetails = (whose: string) =>
  nested("What the device is and costs: DevicePrice, DeviceName, and Id and Currency where known.", {
    DevicePrice: money(whose, { sign: "positive" }),
    Currency: currency("The currency of DevicePrice.").optional(),
    DeviceName: name("The name of the product that the device is one of."),
    Id: id("The device's id again, or the product's id where it differs from DeviceId.", {
      column: "device_details_id",
    }).optional(),
  });
