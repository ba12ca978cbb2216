-- A sale is an allocation whose payments reach its price, dated at the later of the two; until then it is open.
with
  applied as (
    select
      payment_application.allocation_id,
      sum(payment_application.amount) as amount,
      max(payment_application.paid_at) as last_paid_at
    from
      sales.payment_application
    group by
      payment_application.allocation_id
  ),
  allocations as (
    select
      allocation.allocation_id,
      allocation.device_key,
      allocation.product_key,
      allocation.agent_key,
      allocation.customer_key,
      allocation.currency,
      allocation.price,
      coalesce(applied.amount, 0) as paid,
      allocation.allocated_at,
      case
        when applied.amount >= allocation.price then greatest(allocation.allocated_at, applied.last_paid_at)
      end as sold_at
    from
      sales.allocation
      left join applied on applied.allocation_id = allocation.allocation_id
  )
select
  allocations.allocation_id,
  allocations.device_key,
  device.device_id,
  product.product_name as product,
  allocations.agent_key,
  agent.agent_id,
  allocations.customer_key,
  customer.customer_id,
  customer.customer_name,
  allocations.currency,
  allocations.price,
  allocations.paid,
  allocations.price - allocations.paid as outstanding,
  case
    when allocations.sold_at is null then 'open'
    else 'sold'
  end as status,
  allocations.allocated_at,
  platform.local_date (allocations.allocated_at) as allocated_on,
  allocations.sold_at,
  platform.local_date (allocations.sold_at) as sold_on
from
  allocations
  join sales.device on device.device_key = allocations.device_key
  join sales.product on product.product_key = allocations.product_key
  join sales.agent on agent.agent_key = allocations.agent_key
  join sales.customer on customer.customer_key = allocations.customer_key
