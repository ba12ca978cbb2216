/** What this domain's marts read of other domains' marts, as far as they read it. */
export const others: readonly string[] = [
  "create table marts.fct_payments (received_on date, currency text, amount numeric, unattributed numeric)",
  "create table marts.fct_device_purchases (purchased_on date, currency text, amount numeric)",
  "create table marts.fct_expected_payments (due_on date, currency text, amount numeric)",
  "create table marts.fct_allocations (allocated_on date, currency text, price numeric)",
  "create table marts.fct_payment_applications (applied_on date, currency text, amount numeric)",
];
