/** What really happened, in clean form: instants in epoch ms, money as decimal strings, ids as trimmed text. */
export type Facts = {
  readonly customers: readonly Customer[];
  readonly locations: readonly Location[];
  readonly allocations: readonly Allocation[];
  readonly payments: readonly Payment[];
  readonly purchases: readonly Purchase[];
  readonly songs: readonly Song[];
  readonly removals: readonly Removal[];
};

/** A registration of a customer. */
export type Customer = { readonly eventId: string; readonly at: number; readonly customerId: string };

/** A registration of a location; the newest one says whose it is. */
export type Location = {
  readonly eventId: string;
  readonly at: number;
  readonly locationId: string;
  readonly customerId: string;
};

/** Equal instalments: the first due on `firstDue` (YYYY-MM-DD), the others each `interval` later. */
export type Terms = {
  readonly instalments: number;
  readonly interval: "week" | "month" | "quarter" | "year";
  readonly firstDue: string;
};

/** A device put at a location by an agent, for a price. */
export type Allocation = {
  readonly eventId: string;
  readonly at: number;
  readonly deviceId: string;
  readonly locationId: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly product: string;
  readonly price: string;
  readonly currency: string;
  readonly terms?: Terms | undefined;
};

/** Money received; without customer and device it can pay for nothing in particular. Two with one `paymentId` speak of one payment. */
export type Payment = {
  readonly eventId: string;
  readonly at: number;
  readonly paymentId?: string | undefined;
  readonly amount: string;
  readonly currency: string;
  readonly customerId?: string | undefined;
  readonly deviceId?: string | undefined;
};

/** A device bought from its maker. */
export type Purchase = {
  readonly eventId: string;
  readonly at: number;
  readonly deviceId: string;
  readonly product: string;
  readonly price: string;
  readonly currency: string;
};

/** A song put into the catalogue; `seconds` is its length. */
export type Song = {
  readonly eventId: string;
  readonly at: number;
  readonly songId: string;
  readonly artist: string;
  readonly name: string;
  readonly album: string | undefined;
  readonly seconds: number;
};

/** A song taken out of the catalogue. */
export type Removal = { readonly eventId: string; readonly at: number; readonly songId: string };
