/**
 * Which generation of a projection's tables, checkpoint, waiting and parked events is meant. What is read is always generation 1: a
 * rebuild fills generation 2 beside it and, when it is swapped in, becomes 1. So no reader has to ask which one counts.
 */
export const generations = { live: 1, next: 2 } as const;
