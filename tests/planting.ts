import { domains } from "../packages/domains/index.ts";
import type { EventContract } from "../packages/platform/index.ts";
import { tells } from "./places.ts";

/** A date of birth that nobody else has, as senders write it. */
const day = { plain: "1931-07-13", written: "13/07/1931" };

/** By what a planted value is known wherever it stands. */
export const secrets: readonly string[] = ["canary", day.plain, day.written, "19310713"];

/** A body of each contract that tells of persons, without what tells. */
export const bodies: Readonly<Record<string, (id: string) => Record<string, unknown>>> = {
  "Sale.CustomerRegistered": (id) => ({ CustomerId: id, CustomerName: `Customer ${id}`, OccurredAt: "2025-01-01" }),
  "Sale.LocationRegistered": (id) => ({ LocationId: id, CustomerId: "c1", OccurredAt: "2025-01-02" }),
};

/** The contracts that tell of persons. */
export const telling: EventContract[] = domains
  .flatMap((domain) => domain.events)
  .filter((contract) => contract.rules().some(({ pii }) => pii));

/** What the columns of `csv` mean. */
export const mapping = {
  ...{ source: "shop", kind: "facts", type: "Sale.CustomerRegistered", delimiter: ";", id: "no" },
  data: {
    CustomerId: { column: "customer" },
    CustomerName: { column: "name" },
    CustomerEmail: { column: "mail" },
    CustomerDateOfBirth: { column: "born", format: "dd/mm/yyyy" },
    OccurredAt: { column: "at" },
  },
};

/** Rows of which one is sound, two are broken, and one is not even a row. */
export const csv = [
  "no;customer;name;mail;born;at;remark",
  `csv1;c1;One;canary.csv@example.com;${day.written};2025-03-01;canary remark`,
  `csv2;c1;;canary.broken@example.com;${day.written};2025-03-01;canary remark`,
  `csv3;c1;Three;canary.day@example.com;${day.written};canary;canary remark`,
  `csv4;c1;"Four;canary.quote@example.com;${day.written}`,
];

/** Events of which one tells of nobody that is known, and one holds another's value where no contract looks. */
export const strays: readonly object[] = [
  { type: "Sale.CustomerRegistered", id: "of nobody", data: { LegalAddress: "canary of nobody known", OccurredAt: "never" } },
  {
    type: "Sale.DeviceAllocated",
    id: "strange",
    data: {
      DeviceId: 7,
      LocationAllocatedId: "location-1",
      SellingAgent: { AgentId: 1, Contact: "canary.first@example.com" },
      DeviceDetails: { DevicePrice: 5, DeviceName: "X" },
      OccurredAt: "2025-01-03",
    },
  },
];

/** A body with a canary in every personal field, marked; throws for a field that takes none. */
export function plantedBody(contract: EventContract, mark: string): Record<string, unknown> {
  const body = bodies[contract.type]?.(idOf(contract)) as Record<string, unknown>;
  for (const { path, pii } of contract.rules()) {
    if (!pii) continue;
    const field = path.replace("$.", "");
    const texts = [`canary ${mark} ${field}`, `canary.${mark}@example.com`];
    const candidates = [...(/mail/i.test(field) ? texts.toReversed() : texts), day.plain];
    const kept = candidates.find((value) => contract.normalise({ ...body, [field]: value }, undefined, undefined, dialect).ok);
    if (kept === undefined) throw new Error(`No canary fits ${contract.type} ${path}.`);
    body[field] = kept;
  }
  return body;
}

const dialect = { timeZone: "UTC", currency: "USD" };

function idOf({ subject }: EventContract): string {
  return subject?.kind === "customer" ? "c1" : `${subject?.kind}-1`;
}

/** An event of a contract, its id marked. */
export function eventOf({ type }: EventContract, mark: string, data: object, more: object = {}): object {
  return { type, id: `${type} ${mark}`, data, ...more };
}

/** Requests that plant a contract's fields in every state an event may get into; `text` is not JSON all through. */
export function requestsOf(contract: EventContract): { readonly batches: readonly object[][]; readonly text: string } {
  const body = plantedBody(contract, "first");
  const others = { Remark: "canary remark", Nested: { Deep: ["canary nested"] } };
  const states = [
    eventOf(contract, "first", plantedBody(contract, "conflict")),
    eventOf(contract, "broken", { ...plantedBody(contract, "broken"), OccurredAt: "canary day" }),
    eventOf(contract, "discarded", { ...plantedBody(contract, "discarded"), OccurredAt: null }),
    eventOf(contract, "amended", { ...plantedBody(contract, "amended"), ...others }, { amends: `${contract.type} first` }),
    eventOf(contract, "stranger", plantedBody(contract, "stranger"), { trace: "canary in the envelope" }),
    {
      type: contract.type,
      id: `${contract.type} retracted`,
      retracts: `${contract.type} stranger`,
      data: { Reason: "canary reason" },
    },
    { type: `${contract.type}Typo`, id: `${contract.type} typo`, data: body },
    {
      type: "Payment.PaymentReceived",
      id: `${contract.type} payment`,
      data: {
        PaymentAmount: 5,
        OccurredAt: "2025-02-01",
        Note: Object.values(body).find((value) => tells(Buffer.from(String(value)), ["canary first"])),
      },
    },
    { type: contract.type, id: `${contract.type} bare`, data: { Payload: JSON.stringify(body) } },
  ];
  const text = JSON.stringify(eventOf(contract, "cut", body));
  return {
    batches: [[eventOf(contract, "first", { ...body, ...others })], states],
    text: `${text.slice(0, -3)}\n${text.replace("{", "{,")}\n`,
  };
}
