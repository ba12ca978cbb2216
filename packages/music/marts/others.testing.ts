/** What this domain's marts read of other domains' marts, as far as they read it. */
export const others: readonly string[] = [
  "create table marts.fct_allocations (allocation_id uuid, device_key uuid, valid_from timestamptz, valid_to timestamptz)",
];
