import { date, defineEvent, hasAny, id, integer, name, nested, occurredAt, oneOf } from "@jukebase/events/contracts/index.ts";
import { deviceDetails } from "./device-details.ts";

const fields = {
  DeviceId: id("The device."),
  LocationAllocatedId: id("The location that the device went to."),
  SellingAgent: nested("Who sold the device: AgentId, and AgentName where known.", {
    AgentId: id("The agent."),
    AgentName: name("The agent's name.").optional(),
  }),
  DeviceDetails: deviceDetails("What the customer is to pay for the device."),
  OccurredAt: occurredAt(),
};

const paymentTerms = nested(
  "In how many equal parts the price is due, how far apart, and from when: instalments, interval, first_due.",
  {
    instalments: integer("How many equal parts the price is due in.", { min: 1, max: 1200 }),
    interval: oneOf("How far apart the parts are due.", ["week", "month", "quarter", "year"], { column: "instalment_interval" }),
    first_due: date("When the first part is due."),
  },
);

/** A device given to a location by an agent, for a price. It waits for its location. */
export const deviceAllocated = defineEvent({
  type: "Sale.DeviceAllocated",
  description:
    "An agent allocated a device to a location, for a price. Two events for one device at one instant: the newest corrects the other.",
  naturalKey: "device_id",
  needs: [{ kind: "location", column: "location_allocated_id" }],
  versions: {
    1: { fields },
    2: { fields: { ...fields, PaymentTerms: paymentTerms.optional() }, when: hasAny("PaymentTerms") },
  },
});
