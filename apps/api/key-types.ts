import { Invalid } from "@jukebase/platform";

/** Whether a key that is narrowed to these types may send one; null is every type. What says no type is for the intake to judge. */
export function mayType(types: readonly string[] | null, type: unknown): boolean {
  if (types === null || typeof type !== "string") return true;
  return types.some((one) => (one.endsWith(".*") ? type.startsWith(one.slice(0, -1)) : one === type));
}

/** Throws `Invalid` for a list that names no type, or something that is neither a type nor the beginning of some. */
export function requireTypes(types: readonly string[] | undefined): void {
  if (types === undefined) return;
  const wrong = types.find((type) => !/^\w+(\.\w+)*(\.\*)?$/.test(type));
  if (types.length === 0 || wrong !== undefined)
    throw new Invalid(
      `"${wrong ?? ""}" names no event type: say one, for example Payment.PaymentReceived, or the beginning of several, Payment.*`,
    );
}
