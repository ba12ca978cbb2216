import fc from "fast-check";

/** One event as sent; `id` is unique within its case unless it repeats an earlier one on purpose. */
export type Sent = {
  readonly type: string;
  readonly id: string;
  readonly data?: unknown;
  readonly amends?: string;
  readonly retracts?: string;
};

const few = (prefix: string, n: number): fc.Arbitrary<string> => fc.nat({ max: n - 1 }).map((i) => `${prefix}${i}`);
const customer = few("c", 3);
const location = few("l", 3);
const device = few("d", 3);
const agent = few("a", 2);
const song = few("s", 2);

// A handful of instants, so that ties are common; months differ, so that buckets do too.
const instant = fc.constantFrom(
  "2025-01-31T23:30:00Z",
  "2025-01-31T23:30:00Z",
  "2025-02-01T00:00:00Z",
  "2025-02-14T12:00:00Z",
  "2025-03-01T08:15:00.5Z",
  "2025-03-09T10:00:00+02:00",
);
const price = fc.constantFrom(100, "250.00", "$99.99", 0.03, "1,000");
const paid = fc.constantFrom(50, "100", "99.99", 250, "$1,000.00", 0, 33.33);
const currency = fc.constantFrom(undefined, undefined, undefined, "USD", "EUR");

type Draft = Omit<Sent, "id"> & { readonly id?: string };

function fact(seed: number): fc.Arbitrary<Draft> {
  const kinds = [
    registered,
    located,
    located,
    allocated,
    allocated,
    purchased,
    received,
    received,
    received,
    listened,
    listened,
    published,
    removed,
    broken,
  ];
  return (kinds[seed % kinds.length] as () => fc.Arbitrary<Draft>)();
}

function registered(): fc.Arbitrary<Draft> {
  return fc
    .record({
      CustomerId: customer,
      CustomerName: fc.constantFrom("Ann", "Bob"),
      LegalAddress: fc.constant("1 Street"),
      OccurredAt: instant,
    })
    .map(as("Sale.CustomerRegistered"));
}

function located(): fc.Arbitrary<Draft> {
  return fc
    .record({ LocationId: location, CustomerId: customer, Address: fc.constantFrom("A", "B"), OccurredAt: instant })
    .map(as("Sale.LocationRegistered"));
}

const terms = fc.option(
  fc.record({
    instalments: fc.integer({ min: 1, max: 7 }),
    interval: fc.constantFrom("week", "month", "quarter", "year"),
    first_due: fc.constantFrom("2025-01-31", "2025-03-01"),
  }),
  { nil: undefined },
);

function allocated(): fc.Arbitrary<Draft> {
  return fc
    .record({
      DeviceId: device,
      LocationAllocatedId: location,
      SellingAgent: fc.record({ AgentId: agent, AgentName: fc.constantFrom("Ada", "Ben", undefined) }),
      DeviceDetails: fc.record({
        DevicePrice: price,
        DeviceName: fc.constantFrom("MusicMaker3000", "Classic"),
        Id: fc.constantFrom("p1", undefined),
        Currency: currency,
      }),
      PaymentTerms: terms,
      OccurredAt: instant,
    })
    .map(as("Sale.DeviceAllocated"));
}

function purchased(): fc.Arbitrary<Draft> {
  return fc
    .record({
      DeviceId: device,
      DeviceDetails: fc.record({ DevicePrice: price, DeviceName: fc.constantFrom("MusicMaker3000", "Classic") }),
      OccurredAt: instant,
    })
    .map(as("Logistic.DevicePurchased"));
}

function received(): fc.Arbitrary<Draft> {
  const whose = fc.oneof(
    fc.record({ DeviceId: device }),
    fc.record({ CustomerId: customer }),
    fc.record({ DeviceId: device, CustomerId: customer }),
    fc.constant({}),
  );
  return fc
    .tuple(
      whose,
      fc.record({
        PaymentId: fc.constantFrom(undefined, undefined, "p1", "p2"),
        PaymentAmount: paid,
        Currency: currency,
        OccurredAt: instant,
      }),
    )
    .map(([by, body]) => as("Payment.PaymentReceived")({ ...body, ...by }));
}

function listened(): fc.Arbitrary<Draft> {
  const heard = fc.oneof(
    fc.record({ SongCompleted: fc.boolean() }),
    fc.record({ DeviceId: device, SongCompletedTime: fc.constantFrom(10, "4:18") }),
    fc.record({ DeviceId: device, SongCompleted: fc.boolean() }),
  );
  return fc
    .tuple(heard, fc.record({ SongId: song, OccurredAt: instant }))
    .map(([how, body]) => as("Music.SongListened")({ ...body, ...how }));
}

function published(): fc.Arbitrary<Draft> {
  const details = fc.record({
    ArtistName: fc.constantFrom("X", "Y"),
    SongName: fc.constantFrom("One", "Two"),
    AlbumName: fc.constantFrom("Red", undefined),
    SongLength: fc.constantFrom(258, "4:18", 5),
  });
  return fc.record({ SongId: song, SongDetails: details, OccurredAt: instant }).map(as("Music.SongPublished"));
}

function removed(): fc.Arbitrary<Draft> {
  return fc.record({ SongId: song, OccurredAt: instant }).map(as("Music.SongRemoved"));
}

function broken(): fc.Arbitrary<Draft> {
  return fc.constantFrom<Draft>(
    { type: "Payment.PaymentReceived", data: { PaymentAmount: -1, OccurredAt: "2025-02-01T00:00:00Z" } },
    { type: "Sale.LocationRegistered", data: { LocationId: "l0", OccurredAt: "2025-02-01T00:00:00Z" } },
    { type: "Sale.Unheard", data: {} },
  );
}

// Amends or retracts one of the case's events, which may come later, be of another type, be a change itself, or never come.
function change(): fc.Arbitrary<Draft> {
  const target = few("e", 30);
  const retraction = fc
    .tuple(target, fc.constantFrom("Payment.PaymentReceived", "Sale.DeviceAllocated", "Music.SongListened"))
    .map(([retracts, type]) => ({ type, retracts }));
  const amendment = fc.tuple(target, fc.nat().chain(fact)).map(([amends, draft]) => ({ ...draft, amends }));
  return fc.oneof(retraction, amendment);
}

function as(type: string): (data: object) => Draft {
  return (data) => ({ type, data: JSON.parse(JSON.stringify(data)) as unknown });
}

/** A small world: few things, so that events collide, tie, come late, contradict and correct one another. */
export const arbitraryCase: fc.Arbitrary<readonly Sent[]> = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.nat().chain(fact) }, { weight: 2, arbitrary: change() }), {
    minLength: 4,
    maxLength: 24,
  })
  .map((drafts) => drafts.map((draft, n) => ({ id: `e${n}`, ...draft }) as Sent));
