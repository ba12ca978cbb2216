import { decimal, defineEvent, id, name, occurredAt, personal, text } from "@jukebase/events/contracts/index.ts";

/** A place of a customer where devices stand. It waits for its customer. */
export const locationRegistered = defineEvent({
  type: "Sale.LocationRegistered",
  description: "A customer's location became known, or what is known of it changed.",
  naturalKey: "location_id",
  subject: { kind: "location", field: "LocationId" },
  needs: [{ kind: "customer", column: "customer_id" }],
  versions: {
    1: {
      fields: {
        LocationId: id("The location."),
        CustomerId: id("The customer whose location it is."),
        Latitude: decimal("Degrees north of the equator.", { min: -90, max: 90 }).optional(),
        Longitude: decimal("Degrees east of Greenwich.", { min: -180, max: 180 }).optional(),
        Address: text("Where the location is.").optional(),
        ContactName: personal("name", name("Whom to ask for at the location.")).optional(),
        ContactPhoneNumber: personal("phone", text("The contact's telephone number.")).optional(),
        OccurredAt: occurredAt(),
      },
    },
  },
});
