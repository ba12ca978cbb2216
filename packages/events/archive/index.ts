export { type AttachContext, attachedFor, detachLeft, type OnAttach, sizeOfArchives, withArchives } from "./attach.ts";
export { type Archive, type ArchiveCount, archiveCounts, archives } from "./list.ts";
export { ArchivesBusy, aloneWithArchives } from "./lock.ts";
export { openingSeq, restoreOpening } from "./opening.ts";
export { type ArchivePolicy, archivePolicy, setArchivePolicy } from "./policy.ts";
export { type PurgeContext, type Purged, type PurgeOptions, purgeArchives } from "./purge.ts";
export { archivePurged, logEvents } from "./purged-event.ts";
export { type ArchiveContext, type ArchiveOptions, type ArchiveOutcome, runArchive } from "./run.ts";
