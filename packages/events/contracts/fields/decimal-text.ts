/** The most digits a decimal may have, on both sides of the point together. */
export const MAX_DIGITS = 40;

/**
 * The one way to write a decimal, value unchanged: no leading zeros, no zeros after the last digit of the fraction, no sign on
 * zero. `whole` and `fraction` are digits only. So 250, "250.00" and "0250" are the same text, "250".
 */
export const decimalText = (negative: boolean, whole: string, fraction: string): string => {
  const left = withoutLeadingZeros(whole);
  const right = withoutTrailingZeros(fraction);
  const digits = right === "" ? left : `${left}.${right}`;
  return negative && digits !== "0" ? `-${digits}` : digits;
};

/** Takes a plain decimal apart ("-12.50"; no exponent, grouping or sign other than minus) and writes it the one way; undefined if it is none. */
export const plainDecimal = (value: string): string | undefined => {
  const parts = PLAIN.exec(value);
  if (value.length > MAX_DIGITS + 2 || parts === null) return undefined;
  return decimalText(parts[1] === "-", parts[2] ?? "", parts[3] ?? "");
};

const PLAIN = /^(-?)(\d+)(?:\.(\d+))?$/;

const withoutLeadingZeros = (digits: string): string => {
  let start = 0;
  while (start < digits.length - 1 && digits[start] === "0") start += 1;
  return digits.slice(start);
};

const withoutTrailingZeros = (digits: string): string => {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
};
