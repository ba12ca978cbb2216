import pg from "pg";
import { quoted } from "../quote.ts";
import { addressFor, connectionUrl } from "./tools.ts";

/** A session as a reader, that also hears what functions tell of the values which they are given. */
export type Eavesdropper = {
  readonly client: pg.Client;
  /** Every value of a column that a function in the reader's own condition is told, as text. */
  readonly toldOf: (view: string, column: string) => Promise<Set<string>>;
  readonly end: () => Promise<void>;
};

/** Makes, as the owner, the function that a reader would need for that, and gives it to everybody: readers cannot make any. */
export async function plantTelltale(owner: Pick<pg.Pool, "query">): Promise<void> {
  await owner.query(`
    create schema telltale;
    grant usage on schema telltale to public;
    create function telltale.tell (value text) returns boolean language plpgsql cost 0.0000001 as $$
    begin
      raise notice 'told:%', value;
      return true;
    end
    $$`);
}

/** Logs in as a reader. */
export async function eavesdrop(url: string, name: string, password: string): Promise<Eavesdropper> {
  const client = new pg.Client({ connectionString: connectionUrl(addressFor(url, name), password) });
  await client.connect();
  let told = new Set<string>();
  client.on("notice", ({ message = "" }) => {
    if (message.startsWith("told:")) told.add(message.slice("told:".length));
  });
  const toldOf = async (view: string, column: string): Promise<Set<string>> => {
    told = new Set();
    await client.query(`select from ${quoted(view)} where telltale.tell(${quoted(column)}::text)`);
    return told;
  };
  return { client, toldOf, end: () => client.end() };
}
