/** Bytes in the making, in Postgres's binary format; grows as it is written to. */
export type Bytes = { buffer: Buffer; at: number };

/** Empty bytes with room for about `size`. */
export function bytesFor(size: number): Bytes {
  return { buffer: Buffer.allocUnsafe(Math.max(size, 1024)), at: 0 };
}

/** What has been written. */
export function written({ buffer, at }: Bytes): Buffer {
  return buffer.subarray(0, at);
}

/** What a binary COPY begins with: its signature, no flags, no extension. */
export function putCopyHead(bytes: Bytes): void {
  putRaw(bytes, copyHead);
}

/** What a binary COPY ends with. */
export function putCopyEnd(bytes: Bytes): void {
  putInt16(bytes, -1);
}

/** A big-endian integer of two bytes. */
export function putInt16(bytes: Bytes, value: number): void {
  reserve(bytes, 2);
  bytes.at = bytes.buffer.writeInt16BE(value, bytes.at);
}

// What a number holds exactly, without the detour over a bigint.
function putExactInt64(bytes: Bytes, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  putInt32(bytes, 8);
  putInt32(bytes, high);
  putInt32(bytes, (value - high * 2 ** 32) | 0);
}

/** A big-endian integer of four bytes. */
function putInt32(bytes: Bytes, value: number): void {
  reserve(bytes, 4);
  bytes.at = bytes.buffer.writeInt32BE(value, bytes.at);
}

/** A field that is null. */
export function putNull(bytes: Bytes): void {
  putInt32(bytes, -1);
}

/** A field of type smallint. */
export function putSmallint(bytes: Bytes, value: number): void {
  putInt32(bytes, 2);
  putInt16(bytes, value);
}

/** A field of type integer. */
export function putInteger(bytes: Bytes, value: number): void {
  putInt32(bytes, 4);
  putInt32(bytes, value);
}

/** A field of type bigint. */
export function putBigint(bytes: Bytes, value: bigint): void {
  putInt32(bytes, 8);
  reserve(bytes, 8);
  bytes.at = bytes.buffer.writeBigInt64BE(value, bytes.at);
}

/** A field of type text. */
export function putText(bytes: Bytes, text: string): void {
  putSized(bytes, text, false);
}

/** A field of type jsonb, from its text. */
export function putJsonb(bytes: Bytes, text: string): void {
  putSized(bytes, text, true);
}

/** A field of type bytea. */
export function putBytea(bytes: Bytes, value: Uint8Array): void {
  putInt32(bytes, value.length);
  putRaw(bytes, value);
}

/** Bytes as they are. */
function putRaw(bytes: Bytes, value: Uint8Array): void {
  reserve(bytes, value.length);
  bytes.buffer.set(value, bytes.at);
  bytes.at += value.length;
}

/** A field of type uuid, from its text. */
export function putUuid(bytes: Bytes, uuid: string): void {
  putInt32(bytes, 16);
  reserve(bytes, 16);
  writeUuid(bytes.buffer, bytes.at, uuid);
  bytes.at += 16;
}

/** A field of type timestamptz, from an instant in UTC: 2020-12-31T20:20:01.5Z, of the years 1 to 9999, with up to six digits of a second. */
export function putInstant(bytes: Bytes, instant: string): void {
  const whole_ms = Date.parse(`${instant.slice(0, 19)}Z`) - epoch_ms;
  const fraction = instant.length > 20 ? Number(instant.slice(20, -1).padEnd(6, "0")) : 0;
  if (Number.isNaN(whole_ms) || Number.isNaN(fraction)) throw new RangeError(`${instant} is not an instant in UTC.`);
  if (Math.abs(whole_ms) > exact_ms) putBigint(bytes, BigInt(whole_ms) * 1000n + BigInt(fraction));
  else putExactInt64(bytes, whole_ms * 1000 + fraction);
}

/** A field of type date, from YYYY-MM-DD. */
export function putDate(bytes: Bytes, day: string): void {
  putInteger(bytes, (Date.parse(`${day}T00:00:00Z`) - epoch_ms) / 86_400_000);
}

/** A parameter of type uuid[]. */
export function uuidArray(uuids: readonly string[]): Buffer {
  return uuidArrayOf(uuids.length, (buffer, at, n) => writeUuid(buffer, at, uuids[n] as string));
}

/** The same, of uuids that `write` puts into the buffer, 16 bytes each. */
export function uuidArrayOf(length: number, write: (buffer: Buffer, at: number, n: number) => void): Buffer {
  const buffer = Buffer.allocUnsafe(headBytes + elementBytes * length);
  // Dimensions, whether there are nulls, type of the elements, their number, where counting starts.
  [1, 0, uuidType, length, 1].forEach((value, n) => {
    buffer.writeInt32BE(value, n * 4);
  });
  for (let n = 0; n < length; n += 1) {
    buffer.writeInt32BE(16, elementAt(n) - 4);
    write(buffer, elementAt(n), n);
  }
  return buffer;
}

/** Where the bytes of a uuid stand in such a parameter. */
export function elementAt(n: number): number {
  return headBytes + elementBytes * n + 4;
}

/** A uuid of such a parameter, as a field: both are written alike. */
export function putElement(bytes: Bytes, uuids: Buffer, n: number): void {
  reserve(bytes, elementBytes);
  const from = elementAt(n) - 4;
  uuids.copy(bytes.buffer, bytes.at, from, from + elementBytes);
  bytes.at += elementBytes;
}

/** A uuid of such a parameter, as its text. */
export function uuidOf(uuids: Buffer, n: number): string {
  const hex = uuids.toString("hex", elementAt(n), elementAt(n) + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const headBytes = 20;
const elementBytes = 20;
const uuidType = 2950;

const copyHead = Buffer.from("PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0", "latin1");

function putSized(bytes: Bytes, text: string, isJsonb: boolean): void {
  reserve(bytes, 5 + 3 * text.length);
  const start = bytes.at + 4;
  let at = start;
  if (isJsonb) {
    bytes.buffer[at] = 1; // The version of jsonb's binary format.
    at += 1;
  }
  at += bytes.buffer.write(text, at, "utf8");
  bytes.buffer.writeInt32BE(at - start, bytes.at);
  bytes.at = at;
}

function reserve(bytes: Bytes, room: number): void {
  if (bytes.at + room <= bytes.buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(bytes.buffer.length * 2, bytes.at + room));
  bytes.buffer.copy(larger, 0, 0, bytes.at);
  bytes.buffer = larger;
}

function writeUuid(buffer: Buffer, at: number, uuid: string): void {
  let place = at;
  for (let n = 0; n < 36; n += 2) {
    if (n === 8 || n === 13 || n === 18 || n === 23) n += 1;
    buffer[place] = ((digits[uuid.charCodeAt(n)] as number) << 4) | (digits[uuid.charCodeAt(n + 1)] as number);
    place += 1;
  }
}

const digits = new Uint8Array(128);
for (const [value, char] of [..."0123456789abcdef"].entries()) {
  digits[char.charCodeAt(0)] = value;
  digits[char.toUpperCase().charCodeAt(0)] = value;
}

const epoch_ms = Date.UTC(2000, 0, 1);
/** Below this a number holds the microseconds exactly. */
const exact_ms = 2 ** 53 / 1000 - 1;
