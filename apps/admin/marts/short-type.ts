/** A type of the database by its short name, where it has one: `timestamptz`. */
export function shortType(type: string): string {
  return type
    .replace(/^timestamp(\(\d\))? with time zone/, "timestamptz$1")
    .replace(/^timestamp(\(\d\))? without time zone/, "timestamp$1")
    .replace("double precision", "double")
    .replace("character varying", "varchar");
}
