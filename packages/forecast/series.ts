/** Refuses what no method can read: an empty series or a value that is not finite. Throws RangeError naming the position. */
export function assertSeries(series: readonly number[]): void {
  if (series.length === 0) throw new RangeError("A series needs at least one point to be forecast.");
  const broken = series.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) throw new RangeError(`The series has no finite number at position ${broken}: ${series[broken]}.`);
}

/** Refuses a window, period, horizon or number of origins that is not a whole number of at least 1. Throws RangeError. */
export function assertCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of at least 1, not ${value}.`);
}

/** The arithmetic mean; NaN of an empty list. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
