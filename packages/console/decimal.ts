/** A decimal in plain notation, as Postgres writes `numeric`: "-12.500000". */
export type DecimalText = string;

/** Whether the text is a plain decimal: digits, at most one point and one leading minus; no exponent, no NaN. */
export function isDecimal(text: string): text is DecimalText {
  return /^-?\d+(\.\d+)?$/.test(text);
}

/** How many digits carry information: "0.00120" has 2, "1200.00" has 2. A double holds any 15 of them exactly. */
export function significantDigits(decimal: DecimalText): number {
  const digits = decimal.replace(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "");
  return digits.length;
}

/** How many digits stand after the point once trailing zeros are dropped. */
export function fractionDigits(decimal: DecimalText): number {
  const fraction = decimal.split(".")[1] ?? "";
  return fraction.replace(/0+$/, "").length;
}

/** Exact order of two decimals, for `sort`: negative, zero or positive. */
export function compareDecimals(left: DecimalText, right: DecimalText): number {
  const places = Math.max(written(left), written(right));
  const difference = scaled(left, places) - scaled(right, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function written(decimal: DecimalText): number {
  return decimal.split(".")[1]?.length ?? 0;
}

function scaled(decimal: DecimalText, places: number): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(places, "0"));
}
