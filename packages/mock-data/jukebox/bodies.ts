import type { Faker } from "@faker-js/faker";
import { dateOf, dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Allocation, Customer, Location, Payment, Purchase, Removal, Song } from "../truth/facts.ts";
import type { EventType, FactOf } from "./events.ts";
import { products } from "./products.ts";
import type { Spelling } from "./spelling.ts";

/** A body as its sender writes it, and the version where the sender says it. */
export type Body = { readonly data: Record<string, unknown>; readonly version?: 1 | 2 | undefined };

/** Writers of bodies by event type; what no answer depends on (names, addresses, numbers of persons) is made up on the way. */
export type Bodies = { readonly [Type in EventType]: (fact: FactOf[Type]) => Body };

/** Bodies in the given spelling. */
export function makeBodies(spelling: Spelling, faker: Faker, random: Random): Bodies {
  const when = (at: number) => ({ OccurredAt: spelling.instant(at), ...spelling.extra() });
  return {
    "Sale.CustomerRegistered": (fact: Customer) => ({
      data: {
        CustomerId: spelling.id(fact.customerId),
        CustomerName: faker.company.name(),
        LegalAddress: `${faker.location.streetAddress()}, ${faker.location.city()}`,
        CustomerPhoneNumber: faker.phone.number({ style: "international" }),
        CustomerIdentityNumber: faker.string.numeric(9),
        ...(random.chance(0.8)
          ? { CustomerEmail: faker.internet.email({ provider: random.pick(mailDomains) }).toLowerCase() }
          : {}),
        ...(random.chance(0.6) ? { CustomerDateOfBirth: dateOf(birthday(random)) } : {}),
        ...when(fact.at),
      },
    }),
    "Sale.LocationRegistered": (fact: Location) => ({
      data: {
        LocationId: spelling.id(fact.locationId),
        CustomerId: spelling.id(fact.customerId),
        ...(random.chance(0.9)
          ? {
              Latitude: spelling.coordinate(random.int(-60_0000, 70_0000) / 10_000),
              Longitude: spelling.coordinate(random.int(-179_0000, 179_0000) / 10_000),
            }
          : {}),
        Address: `${faker.location.streetAddress()}, ${faker.location.city()}`,
        ContactName: faker.person.fullName(),
        ContactPhoneNumber: faker.phone.number({ style: "national" }),
        ...when(fact.at),
      },
    }),
    "Sale.DeviceAllocated": (fact: Allocation) => ({
      version: random.chance(0.5) ? undefined : fact.terms === undefined && random.chance(0.5) ? 1 : 2,
      data: {
        DeviceId: spelling.id(fact.deviceId),
        LocationAllocatedId: spelling.id(fact.locationId),
        SellingAgent: { AgentId: spelling.id(fact.agentId), AgentName: fact.agentName },
        DeviceDetails: deviceDetails(fact, spelling, random),
        ...(fact.terms
          ? {
              PaymentTerms: {
                instalments: fact.terms.instalments,
                interval: fact.terms.interval,
                first_due: fact.terms.firstDue,
              },
            }
          : {}),
        ...when(fact.at),
      },
    }),
    "Logistic.DevicePurchased": (fact: Purchase) => ({
      data: { DeviceId: spelling.id(fact.deviceId), DeviceDetails: deviceDetails(fact, spelling, random), ...when(fact.at) },
    }),
    "Payment.PaymentReceived": (fact: Payment) => paymentBody(fact, spelling, random),
    "Music.SongPublished": (fact: Song) => ({
      data: {
        SongId: spelling.id(fact.songId),
        SongDetails: {
          ArtistName: fact.artist,
          SongName: fact.name,
          ...(fact.album === undefined ? {} : { AlbumName: fact.album }),
          SongLength: spelling.length(fact.seconds),
          ...(random.chance(0.8) ? { SongSizeMb: Math.round(fact.seconds * 0.4) / 10 } : {}),
        },
        ...when(fact.at),
      },
    }),
    "Music.SongRemoved": (fact: Removal) => ({ data: { SongId: spelling.id(fact.songId), ...when(fact.at) } }),
  };
}

function paymentBody(fact: Payment, spelling: Spelling, random: Random): Body {
  const { amount, currency } = spelling.price(fact.amount, fact.currency);
  const data = {
    ...(fact.paymentId === undefined ? {} : { PaymentId: spelling.id(fact.paymentId) }),
    PaymentAmount: amount,
    ...currency,
    ...(fact.customerId === undefined ? {} : { CustomerId: spelling.id(fact.customerId) }),
    ...(fact.deviceId === undefined ? {} : { DeviceId: spelling.id(fact.deviceId) }),
    OccurredAt: spelling.instant(fact.at),
    ...spelling.extra(),
  };
  const version = fact.customerId === undefined && fact.deviceId === undefined ? 1 : 2;
  return { version: random.chance(0.5) ? version : undefined, data: random.chance(0.12) ? { Payment: data } : data };
}

/** The details of a device; their `Id` is the device's own, its product's, or missing. */
function deviceDetails(fact: Allocation | Purchase, spelling: Spelling, random: Random): Record<string, unknown> {
  const { amount, currency } = spelling.price(fact.price, fact.currency);
  const productId = products.find((product) => product.name === fact.product)?.id;
  return {
    DevicePrice: amount,
    ...currency,
    DeviceName: fact.product,
    ...random.pick([{}, { Id: fact.deviceId }, { Id: productId }]),
  };
}

function birthday(random: Random): number {
  return random.int(-30 * 365, 36 * 365) * dayMs;
}

const mailDomains = ["example.com", "example.org", "example.net", "mail.example.com"];
