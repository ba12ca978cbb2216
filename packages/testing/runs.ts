/** How many cases the law tests try: 1,000 unless JUKEBASE_TEST_LAW_CASES asks for a longer run. */
export function lawCases(): number {
  const asked = Number(process.env.JUKEBASE_TEST_LAW_CASES ?? 1000);
  return Number.isInteger(asked) && asked > 0 ? asked : 1000;
}

/** Whether the whole-product tests also take the medium scenario, a million lines: when JUKEBASE_TEST_SCALE is medium. */
export function wantsMedium(): boolean {
  return process.env.JUKEBASE_TEST_SCALE === "medium";
}
