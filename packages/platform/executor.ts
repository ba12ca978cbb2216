/**
 * The least that the event log asks of a connection, so that one SQL text serves both a slonik transaction (a command that
 * publishes) and a plain pg client (bulk loads, COPY). Values are positional: text, numbers, booleans, null, arrays of these.
 */
export type Executor = {
  readonly query: <Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
};
