/** Digits that every double holds, whatever they are. */
const safeDigits = 15;

/** Whether JavaScript's number is exactly the decimal number of a JSON text, and no whole number that could be its neighbour. */
export function heldExactly(source: string): boolean {
  const small = source.length <= safeDigits && !/[eE]/.test(source);
  if (small) return true;
  const value = Number(source);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return false;
  return decimal(source) === decimal(String(value));
}

/** One spelling for each decimal number: digits without zeros around them, and the power of ten of the last. */
function decimal(source: string): string {
  const [, sign = "", whole = "", fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  const digits = whole + fraction;
  let first = 0;
  while (digits[first] === "0") first += 1;
  let end = digits.length;
  while (end > first && digits[end - 1] === "0") end -= 1;
  if (first === end) return "0";
  return `${sign}${digits.slice(first, end)}e${Number(power) - fraction.length + (digits.length - end)}`;
}
