/** An event as a sender writes it. */
export type Sent = {
  readonly type: string;
  readonly id?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly amends?: string;
  readonly retracts?: string;
};

type Data = Readonly<Record<string, unknown>>;

const longAgo = "2024-01-01T00:00:00Z";

/** A customer, known for long; `more` says otherwise. */
export function customer(id: string, more: Data = {}): Sent {
  return sent("Sale.CustomerRegistered", `customer ${id}`, {
    CustomerId: id,
    CustomerName: `Customer ${id}`,
    OccurredAt: longAgo,
    ...more,
  });
}

/** A location of a customer. */
export function location(id: string, customerId: string, more: Data = {}): Sent {
  return sent("Sale.LocationRegistered", `location ${id}`, {
    LocationId: id,
    CustomerId: customerId,
    OccurredAt: longAgo,
    ...more,
  });
}

/** What an allocation may say beside device, location and instant. */
export type Deal = {
  readonly price?: number | string;
  readonly currency?: string;
  readonly agent?: string;
  readonly product?: string;
  readonly terms?: Data;
};

/** A device allocated to a location, by agent Ann, for 100 dollars unless the deal says otherwise. */
export function allocation(device: string, locationId: string, at: string, deal: Deal = {}): Sent {
  return sent("Sale.DeviceAllocated", `allocation ${device}`, {
    DeviceId: device,
    LocationAllocatedId: locationId,
    SellingAgent: { AgentId: deal.agent ?? "ann", AgentName: deal.agent ?? "ann" },
    DeviceDetails: { DevicePrice: deal.price ?? 100, Currency: deal.currency, DeviceName: deal.product ?? "MusicMaker3000" },
    PaymentTerms: deal.terms,
    OccurredAt: at,
  });
}

/** A payment for a device, by a customer, both or neither. */
export function payment(
  id: string,
  amount: number | string,
  at: string,
  of: { device?: string; customer?: string; currency?: string } = {},
): Sent {
  const data = {
    PaymentId: id,
    PaymentAmount: amount,
    Currency: of.currency,
    DeviceId: of.device,
    CustomerId: of.customer,
    OccurredAt: at,
  };
  return sent("Payment.PaymentReceived", `payment ${id}`, data);
}

/** A device bought, for 60 dollars unless said otherwise. */
export function purchase(device: string, at: string, deal: Deal = {}): Sent {
  const details = { DevicePrice: deal.price ?? 60, Currency: deal.currency, DeviceName: deal.product ?? "MusicMaker3000" };
  return sent("Logistic.DevicePurchased", `purchase ${device}`, { DeviceId: device, DeviceDetails: details, OccurredAt: at });
}

/** A song of 180 seconds, published. */
export function song(id: string, at: string, details: Data = {}): Sent {
  const SongDetails = { ArtistName: "The Band", SongName: `Song ${id}`, SongLength: 180, ...details };
  return sent("Music.SongPublished", `song ${id}`, { SongId: id, SongDetails, OccurredAt: at });
}

/** A song removed. */
export function removal(id: string, at: string): Sent {
  return sent("Music.SongRemoved", `removal ${id}`, { SongId: id, OccurredAt: at });
}

/** As many listenings as asked for, on one device (undefined: not said which), at one instant. */
export function plays(many: number, device: string | undefined, at: string, more: Data = {}): Sent[] {
  return Array.from({ length: many }, (_, n) =>
    sent("Music.SongListened", `play ${device} ${JSON.stringify(more)} ${n}`, {
      SongId: "s",
      DeviceId: device,
      SongCompleted: true,
      OccurredAt: at,
      ...more,
    }),
  );
}

/** That an event never happened. */
export function retracted({ type, id }: Sent): Sent {
  return { type, id: `${id} retracted`, retracts: id as string };
}

/** An event with other data in place of its own. */
export function amended({ type, id, data }: Sent, change: Data): Sent {
  return { type, id: `${id} amended`, amends: id as string, data: { ...data, ...change } };
}

function sent(type: string, what: string, data: Data): Sent {
  return { type, id: `${what} ${data.OccurredAt}`, data };
}
