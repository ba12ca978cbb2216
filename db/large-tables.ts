/** A table that grows with the events, and the column by whose hash it could be spread over several machines. */
export type LargeTable = { readonly table: string; readonly key: string };

/**
 * Which tables are large. All others are small enough to stand whole on every machine. A large table's key is part of its primary key and
 * of every unique constraint, and nothing fires per row on it: so it can be distributed without a change of shape.
 */
export const largeTables: readonly LargeTable[] = [
  { table: "events.log", key: "event_key" },
  { table: "events.key", key: "event_key" },
  { table: "sales.device_allocation", key: "device_key" },
  { table: "sales.device_purchase", key: "device_key" },
  { table: "sales.payment_receipt", key: "device_key" },
  { table: "sales.payment", key: "payment_key" },
  { table: "sales.payment_application", key: "payer_key" },
  { table: "music.play", key: "device_key" },
];
