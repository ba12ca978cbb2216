const digits = 12;

/** A decimal text as a whole number of 10^-12: sums of these are exact, and share no code with what they check. */
export function exact(decimal: string): bigint {
  const [whole = "0", fraction = ""] = decimal.replace("-", "").split(".");
  const units = BigInt(whole) * 10n ** BigInt(digits) + BigInt(fraction.padEnd(digits, "0"));
  return decimal.startsWith("-") ? -units : units;
}

/** The exact sum of decimal texts. */
export function sum(decimals: readonly string[]): bigint {
  return decimals.reduce((total, decimal) => total + exact(decimal), 0n);
}
