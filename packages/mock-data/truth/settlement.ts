import { Decimal } from "decimal.js";
import type { Facts, Payment } from "./facts.ts";
import { byInstant } from "./order.ts";
import { type Placement, placementsOf } from "./placements.ts";

/** A placement and how far it is paid. `soldAt` is the later of the allocation and the payment that reached its price. */
export type Account = Placement & { paid: Decimal; soldAt: number | undefined };

/** A part of a payment that pays an allocation; it counts from the later of the two. */
export type Applied = { readonly account: Account; readonly amount: Decimal; readonly at: number };

/** What became of every payment. */
export type Settlement = {
  readonly accounts: readonly Account[];
  readonly applied: readonly Applied[];
  /** Event ids of the payments that pay nothing in particular. */
  readonly unattributed: ReadonlySet<string>;
  /** What was paid beyond the prices, by payment event id. */
  readonly credits: ReadonlyMap<string, Decimal>;
};

/** Runs all payments in their order over the allocations. */
export function settle(facts: Facts): Settlement {
  const accounts = placementsOf(facts).map((placement): Account => ({ ...placement, paid: new Decimal(0), soldAt: undefined }));
  const ofDevice = Map.groupBy(accounts, (account) => account.deviceId);
  const ofCustomer = Map.groupBy(accounts, (account) => account.customerId);
  const registered = new Set(facts.customers.map((customer) => customer.customerId));
  const applied: Applied[] = [];
  const unattributed = new Set<string>();
  const credits = new Map<string, Decimal>();

  for (const payment of facts.payments.toSorted(byInstant)) {
    const payable = payableBy(payment, ofDevice, ofCustomer, registered);
    if (payable === undefined) {
      unattributed.add(payment.eventId);
      continue;
    }
    let left = new Decimal(payment.amount);
    for (const account of payable) {
      const part = Decimal.min(left, new Decimal(account.price).minus(account.paid));
      if (part.lte(0)) continue;
      left = left.minus(part);
      applied.push(apply(account, part, payment));
    }
    if (left.gt(0)) credits.set(payment.eventId, left);
  }
  return { accounts, applied, unattributed, credits };
}

/** The allocations that a payment may fill, in order; none of them when it is all credit; undefined when it is unattributed. */
function payableBy(
  payment: Payment,
  ofDevice: ReadonlyMap<string, Account[]>,
  ofCustomer: ReadonlyMap<string, Account[]>,
  registered: ReadonlySet<string>,
): Account[] | undefined {
  if (payment.deviceId !== undefined) {
    const history = ofDevice.get(payment.deviceId) ?? [];
    const account = history.findLast((candidate) => candidate.at <= payment.at) ?? history[0];
    return account?.currency === payment.currency ? [account] : undefined;
  }
  if (payment.customerId === undefined) return undefined;
  const own = ofCustomer.get(payment.customerId) ?? [];
  if (own.length === 0) return registered.has(payment.customerId) ? [] : undefined;
  const inCurrency = own.filter((account) => account.currency === payment.currency);
  return inCurrency.length > 0 ? inCurrency : undefined;
}

function apply(account: Account, amount: Decimal, payment: Payment): Applied {
  const at = Math.max(account.at, payment.at);
  account.paid = account.paid.plus(amount);
  if (account.paid.eq(account.price)) account.soldAt = at;
  return { account, amount, at };
}
