-- What was due that day against what came in that day, and by how much the debt on allocated devices changed.
with
  movements as (
    select
      fct_expected_payments.due_on as business_date,
      fct_expected_payments.currency,
      fct_expected_payments.amount as expected,
      0::numeric as received,
      0::numeric as owed
    from
      marts.fct_expected_payments
    union all
    select
      fct_payments.received_on,
      fct_payments.currency,
      0,
      fct_payments.amount,
      0
    from
      marts.fct_payments
    union all
    select
      fct_allocations.allocated_on,
      fct_allocations.currency,
      0,
      0,
      fct_allocations.price
    from
      marts.fct_allocations
    union all
    select
      fct_payment_applications.applied_on,
      fct_payment_applications.currency,
      0,
      0,
      - fct_payment_applications.amount
    from
      marts.fct_payment_applications
  )
select
  movements.business_date,
  movements.currency,
  sum(movements.expected) as expected,
  sum(movements.received) as received,
  sum(movements.owed) as outstanding_change
from
  movements
group by
  movements.business_date,
  movements.currency
