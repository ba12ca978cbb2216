-- Every payment counts as cash the day it was received; what it pays is attributed, or the reason why not is named.
with
  applied as (
    select
      payment_application.payment_key,
      sum(payment_application.amount) as amount
    from
      sales.payment_application
    group by
      payment_application.payment_key
  )
select
  payment.payment_key,
  payment.payment_id,
  payment.source,
  payment.currency,
  payment.amount,
  coalesce(applied.amount, 0) as applied,
  case
    when payment.payer_key = platform.nobody () then 0
    else payment.amount - coalesce(applied.amount, 0)
  end as credit,
  case
    when payment.payer_key = platform.nobody () then payment.amount
    else 0
  end as unattributed,
  payment.attribution,
  payment.device_id,
  payment.named_customer_id,
  customer.customer_id as payer_id,
  payment.paid_at,
  platform.local_date (payment.paid_at) as received_on
from
  sales.payment
  left join applied on applied.payment_key = payment.payment_key
  left join sales.customer on customer.customer_key = payment.payer_key
