import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { decimalText, MAX_DIGITS } from "./decimal-text.ts";
import { field } from "./field.ts";
import { isCurrency, SIGNS } from "./iso-4217.ts";

/** Which amounts a field takes. */
export type Sign = "any" | "not negative" | "positive";

/** An amount of money as exact decimal text; its currency goes to the field beside it that `currencyField` names. */
export const money = (
  meaning: string,
  options: { readonly sign?: Sign; readonly currencyField?: string; readonly column?: string } = {},
) => {
  const sign = options.sign ?? "any";
  return field(z.union([z.string(), z.number()]), {
    meaning,
    rule: `An amount, ${IN_WORDS[sign]}: 250, "250.00", "1,250.00", "$500", "USD 5"; a comma groups thousands, a point starts the decimals; no exponent. Kept exactly, without trailing zeros. A bare $ is the source's currency if that is a dollar, else USD.`,
    sql: "numeric",
    form: { name: "money", sign },
    column: options.column,
    currencyField: options.currencyField ?? "Currency",
    read: (value) => readMoney(value, sign),
  });
};

/** Reads an amount; `currencies` of the reading is what its sign or code can mean. */
export const readMoney = (value: unknown, sign: Sign): Reading<string> => {
  if (typeof value !== "number" && typeof value !== "string") return refused("wrong-type", "Is neither a number nor text.");
  const text = String(value).trim();
  const parts = text.length > MAX_DIGITS * 2 ? null : AMOUNT.exec(text);
  const groups = parts?.groups;
  if (groups === undefined || (groups.minus === "-" && groups.inner === "-")) return refuseAmount(text);
  const currencies = currenciesOf([groups.before, groups.after]);
  if (currencies === "unknown") return refused("unknown-currency", "Names a currency that is not of ISO 4217, or two.");
  const whole = (groups.whole ?? "").replaceAll(",", "");
  const fraction = groups.fraction ?? "";
  if (whole.length + fraction.length > MAX_DIGITS) return refused("too-long", `Has more than ${MAX_DIGITS} digits.`);
  return judgeSign(decimalText(groups.minus !== groups.inner, whole, fraction), sign, currencies);
};

const IN_WORDS = { any: "of any sign", "not negative": "zero or more", positive: "more than zero" } as const;

const MARK = "[A-Za-z]{3}|[$€£¥₹₽₩₺₴₪₫₦₱฿]";
const AMOUNT = new RegExp(
  `^(?<minus>-?)(?<before>${MARK})?\\s?(?<inner>-?)(?<whole>\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.(?<fraction>\\d+))?\\s?(?<after>${MARK})?$`,
);

const refuseAmount = (text: string): Reading<never> =>
  text.length <= MAX_DIGITS * 2 && /\d,\d/.test(text)
    ? refused("ambiguous-amount", "A comma stands where it cannot group thousands, so the decimals are not certain.")
    : refused("not-an-amount", "Is not an amount of money.");

const currenciesOf = (marks: readonly (string | undefined)[]): readonly string[] | undefined | "unknown" => {
  const given = marks.filter((mark) => mark !== undefined);
  if (given.length > 1) return "unknown";
  const [mark] = given;
  if (mark === undefined) return undefined;
  const code = mark.toUpperCase();
  return SIGNS[mark] ?? (isCurrency(code) ? [code] : "unknown");
};

const judgeSign = (amount: string, sign: Sign, currencies: readonly string[] | undefined): Reading<string> => {
  if (sign !== "any" && amount.startsWith("-")) return refused("negative", "Is negative.");
  if (sign === "positive" && amount === "0") return refused("not-positive", "Is zero.");
  return accepted(amount, currencies);
};
