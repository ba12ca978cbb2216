import { z } from "zod";

/** A group of fields inside a body. Its fields' view columns carry their own names. */
export const nested = <F extends Record<string, z.ZodType>>(meaning: string, fields: F) =>
  z.looseObject(fields).describe(meaning);
