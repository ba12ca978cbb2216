import { defineEvent, integer, occurredAt, text } from "../contracts/index.ts";

/** The decision to purge archives, with all that it did: what a rebuild starts from afterwards follows from this event. */
export const archivePurged = defineEvent({
  type: "Log.ArchivePurged",
  description: "Archives of the event log were deleted; a rebuild starts from the opening state at this position.",
  naturalKey: "through",
  versions: {
    1: {
      fields: {
        Through: integer("The position: everything up to and with the batch of this seq is in the opening state."),
        Partitions: text("The purged partitions, separated by commas."),
        Events: integer("How many events they held."),
        Files: text("Each purged file with the SHA-256 of its content, as JSON."),
        Opening: text("The opening state: rows and checksum of each table of each projection, as JSON."),
        Why: text("Why, in the words of who decided."),
        OccurredAt: occurredAt(),
      },
    },
  },
});

/** The events that the log publishes about itself. */
export const logEvents = [archivePurged];
