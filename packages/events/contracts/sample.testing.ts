import { defineEvent } from "./define.ts";
import {
  birthDate,
  currency,
  date,
  decade,
  decimal,
  emailDomain,
  flag,
  id,
  integer,
  money,
  name,
  nested,
  occurredAt,
  oneOf,
  personal,
  seconds,
  text,
} from "./fields/index.ts";
import { hasAny } from "./version.ts";

const Line = nested("What was rented: Price, Currency and Title.", {
  Price: money("The price.", { sign: "positive" }),
  Deposit: money("The deposit.").optional(),
  Currency: currency("The currency of Price and Deposit.").optional(),
  Title: name("The title."),
  Id: id("The line.", { column: "line_id" }).optional(),
});

const fields = {
  RentalId: id("The rental."),
  RenterEmail: personal("email", text("The renter's e-mail."), { field: "RenterEmailDomain", of: emailDomain }).optional(),
  RenterEmailDomain: name("What is left of RenterEmail.").optional(),
  RenterBorn: personal("birth-date", birthDate("The renter's birth."), { field: "RenterDecade", of: decade }).optional(),
  RenterDecade: integer("What is left of RenterBorn.").optional(),
  Line,
  OccurredAt: occurredAt(),
};

/** A contract with every kind of field, for the tests of the machinery: version 1 gives minutes, version 2 seconds. */
export const sampleContract = defineEvent({
  type: "Test.DeviceRented",
  description: "A device was rented.",
  naturalKey: "rental_id",
  subject: { kind: "renter", field: "RentalId" },
  needs: [{ kind: "line", column: "line_id" }],
  unwrap: "Rental",
  versions: {
    1: {
      fields: { ...fields, Minutes: integer("How long, in minutes.").optional() },
      sql: { length: "(data ->> 'Minutes')::numeric * 60" },
    },
    2: {
      fields: {
        ...fields,
        Length: seconds("How long."),
        Noise: decimal("How loud.", { min: 0 }).optional(),
        Loud: flag("Whether too loud.").optional(),
        Grade: oneOf("The grade.", ["good", "bad"]).optional(),
        Back: date("When it came back.").optional(),
      },
      when: hasAny("Length"),
      upcast: ({ Minutes, ...rest }) => (typeof Minutes === "number" ? { ...rest, Length: String(Minutes * 60) } : rest),
      invariants: [
        {
          path: "$",
          code: "no-grade",
          rule: "What is loud has a grade.",
          holds: (data) => data.Loud !== true || data.Grade !== undefined,
        },
      ],
    },
  },
});
