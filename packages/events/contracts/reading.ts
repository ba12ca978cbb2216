/** A normalised value: what JSON can hold and a typed column can be cast from. Decimals travel as text. */
export type Scalar = string | number | boolean;

/** A sent value after its field's rule: the normalised value, or why it was refused. The reason never quotes the value, which may be PII. */
export type Reading<T extends Scalar = Scalar> =
  | { readonly ok: true; readonly value: T; readonly currencies?: readonly string[] }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/** The reading of a value that keeps its rule. `currencies`: what the currency sign beside an amount can mean, likeliest first. */
export const accepted = <T extends Scalar>(value: T, currencies?: readonly string[]): Reading<T> =>
  currencies === undefined ? { ok: true, value } : { ok: true, value, currencies };

/** The reading of a value that breaks its rule: a stable code and a sentence that says what is wrong with it. */
export const refused = (code: string, reason: string): Reading<never> => ({ ok: false, code, reason });
