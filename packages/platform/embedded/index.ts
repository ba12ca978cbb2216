export type { Cluster, ClusterStatus } from "./cluster.ts";
export { type StartOptions, startEmbedded } from "./start.ts";
export { embeddedStatus } from "./status.ts";
export { stopEmbedded } from "./stop.ts";
