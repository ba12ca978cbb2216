import {
  birthDate,
  decade,
  defineEvent,
  emailDomain,
  id,
  integer,
  name,
  occurredAt,
  personal,
  text,
} from "@jukebase/events/contracts/index.ts";

/** A customer, who may have locations with devices. Later registrations correct earlier ones. */
export const customerRegistered = defineEvent({
  type: "Sale.CustomerRegistered",
  description: "A customer became known, or what is known of a customer changed.",
  naturalKey: "customer_id",
  subject: { kind: "customer", field: "CustomerId" },
  versions: {
    1: {
      fields: {
        CustomerId: id("The customer."),
        CustomerName: name("The customer's name; customers are organizations."),
        LegalAddress: personal("address", text("Where the customer is registered.")).optional(),
        CustomerPhoneNumber: personal("phone", text("The customer's telephone number.")).optional(),
        CustomerIdentityNumber: personal("identity-number", text("The number of the customer's identity document.")).optional(),
        CustomerEmail: personal("email", text("The customer's e-mail address."), {
          field: "CustomerEmailDomain",
          of: emailDomain,
        }).optional(),
        CustomerEmailDomain: name("The domain of the customer's e-mail address; what is left of CustomerEmail.").optional(),
        CustomerDateOfBirth: personal("birth-date", birthDate("The day on which the customer was born."), {
          field: "CustomerBirthDecade",
          of: decade,
        }).optional(),
        CustomerBirthDecade: integer("The decade of the customer's birth, 1980 say; what is left of CustomerDateOfBirth.", {
          min: 0,
          max: 9990,
        }).optional(),
        OccurredAt: occurredAt(),
      },
    },
  },
});
