-- Cash counts the day it is received, whoever's it is; what nobody can be named for is also counted apart.
select
  fct_payments.received_on,
  fct_payments.currency,
  count(*) as payments,
  sum(fct_payments.amount) as amount,
  sum(fct_payments.unattributed) as unattributed
from
  marts.fct_payments
group by
  fct_payments.received_on,
  fct_payments.currency
