/** Who asks for a change, and why: what the audit log says of it. The product itself where nobody is named. */
export type Doer = {
  /** As `Deed` of the audit log has it: `cli:<user>`, `console:<e-mail>`, `job:<queue>`. */
  readonly actor: string;
  readonly why?: string | undefined;
  readonly requestId?: string | undefined;
};

/** The product itself. */
export const system: Doer = { actor: "system" };
