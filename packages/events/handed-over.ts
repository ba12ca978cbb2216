import { z } from "zod";

/** The queue of files that wait in the installation's inbox for a worker to load them. */
export const handedOverQueue = "events.load";

/** A job of that queue: a file handed over for loading. Names are of files in `inbox` of the installation's folder, never paths. */
export const handedOver = z.object({
  file: inboxName().describe("The file to load."),
  source: z.string().describe("Who speaks in it."),
  format: z
    .enum(["ndjson", "json", "csv", "fixed"])
    .optional()
    .describe("How it is written; told from its name and first bytes otherwise."),
  mapping: inboxName().optional().describe("The mapping file that says what columns mean."),
  type: z.string().optional().describe("The event type of bare bodies."),
});

/** What such a job says. */
export type HandedOver = z.infer<typeof handedOver>;

/** Where handed-over files wait, under the installation's folder. */
export function inboxOf({ home }: { readonly home: string }): string {
  return `${home}/inbox`;
}

function inboxName() {
  return z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "is a plain file name in the inbox");
}
