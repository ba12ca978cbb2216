-- A customer is who has registered; what tells of a natural person is left out.
select
  customer.customer_key,
  customer.customer_id,
  customer.customer_name,
  customer.email_domain,
  customer.birth_decade,
  customer.namespace,
  customer.registered_at,
  customer.changed_at
from
  sales.customer
