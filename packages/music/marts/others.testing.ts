/** What this domain's marts read of other domains' marts, as far as they read it. */
export const others: readonly string[] = [
  "create table marts.fct_allocations (allocation_id uuid, device_key uuid, agent_key uuid, valid_from timestamptz, valid_to timestamptz)",
  "create table marts.fct_sales (allocation_id uuid, device_key uuid, status text)",
  "create table marts.fct_monthly_device_plays (month date, device_key uuid, allocation_id uuid, plays bigint, completed_plays bigint)",
];
