import type { ContractIssue, Dialect } from "@jukebase/platform/contract.ts";

/** An amount just read: where it stands, which field holds its currency, and what its sign can mean, if it has one. */
export type Amount = {
  readonly path: string;
  readonly currencyField: string;
  readonly currencies: readonly string[] | undefined;
};

/**
 * Gives every amount of an object its currency: what the currency field says, else what the sign says, else the source's.
 * A sign that cannot mean what the field says (or what another amount's sign said) is an issue.
 */
export const settleCurrencies = (
  data: Record<string, unknown>,
  amounts: readonly Amount[],
  dialect: Dialect,
  issues: ContractIssue[],
): void => {
  const signedFirst = [...amounts].sort((a, b) => Number(a.currencies === undefined) - Number(b.currencies === undefined));
  for (const { path, currencyField, currencies } of signedFirst) {
    const said = data[currencyField];
    if (typeof said !== "string") data[currencyField] = meantBy(currencies, dialect.currency);
    else if (currencies !== undefined && !currencies.includes(said)) {
      issues.push({
        path,
        code: "currency-contradicts",
        rule: `Its currency sign contradicts ${currencyField}. Expected: one currency.`,
      });
    }
  }
};

const meantBy = (currencies: readonly string[] | undefined, ofSource: string): string =>
  currencies === undefined || currencies.includes(ofSource) ? ofSource : (currencies[0] ?? ofSource);
