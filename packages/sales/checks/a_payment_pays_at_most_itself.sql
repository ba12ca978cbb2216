-- What a payment pays is at most what it is.
select
  fct_payments.payment_key,
  fct_payments.amount,
  fct_payments.applied
from
  marts.fct_payments
where
  fct_payments.applied > fct_payments.amount
