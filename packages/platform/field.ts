/** How a value is shown and exported. `money` and `numeric` travel as decimal strings, never as floats. */
export type FieldType = "text" | "integer" | "numeric" | "money" | "date" | "timestamp" | "boolean" | "uuid";

/** A described column: the same object documents the database, the JSON answer, the page and the file. */
export type Field = { readonly name: string; readonly type: FieldType; readonly description: string };
