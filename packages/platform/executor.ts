/**
 * The least that the event log asks of a connection, so that one SQL text serves both a slonik transaction (a command that
 * publishes) and a plain pg client (bulk loads, COPY). Values are positional: text, numbers, booleans, null, arrays of these, and Buffers
 * in Postgres's binary format.
 */
export type Executor = {
  readonly query: <Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  /** Sends bytes behind a `copy … from stdin`. Only a connection of its own can: neither a pool nor slonik has it. */
  readonly copyIn?: (text: string, bytes: Uint8Array) => Promise<void>;
};
