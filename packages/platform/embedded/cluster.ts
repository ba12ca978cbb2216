import { join } from "node:path";

/** A running embedded Postgres. `url` holds the password; `folder` is where it really lives (see place.ts). */
export type Cluster = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  /** False when it was running already. */
  readonly startedByUs: boolean;
};

/** What is known of an embedded Postgres without touching it. `pid` and `port` are there while it runs. */
export type ClusterStatus = {
  readonly running: boolean;
  readonly folder: string;
  readonly pid?: number;
  readonly port?: number;
};

/** The major version that the packages bring; data folders of another one are refused. */
export const MAJOR = "18";

/** The superuser of every embedded cluster, and the name of the database in it. */
export const OWNER = "jukebase";

/** The files of a cluster's folder. */
export function filesOf(folder: string) {
  return {
    data: join(folder, "data"),
    version: join(folder, "data", "PG_VERSION"),
    pidFile: join(folder, "data", "postmaster.pid"),
    settings: join(folder, "data", "jukebase.conf"),
    password: join(folder, "password"),
    port: join(folder, "port"),
    log: join(folder, "postgres.log"),
    /** Present in a folder whose cluster had to live elsewhere: the path of that place. */
    moved: join(folder, "moved-to"),
  };
}

/** The address of a cluster's database (or of another database in it). */
export function urlOf(password: string, port: number, database = OWNER): string {
  return `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
}
