import type { Random } from "@jukebase/mock-data/random.ts";
import { nastyBytes, nastyEnvelopes, nastyTokens } from "./nasty.ts";

/** A sound line that is to be spoilt, and where in it each value stands. */
type Base = { readonly text: string; readonly values: readonly (readonly [number, number])[] };

/** Makes one hostile input after the other; equal seeds and lines give equal inputs.  */
export type Mutator = (n: number) => Buffer;

/**
 * A mutator over sound lines. One input in twenty thousand is huge (`huge` says whether any may be): 10,000 levels, 100,000 keys, a
 * megabyte of text.
 */
export function mutatorOf(lines: readonly string[], random: Random, huge: boolean): Mutator {
  const bases = lines.map(baseOf);
  let last: Buffer = Buffer.from(lines[0] ?? "{}");
  return (n) => {
    if (random.chance(0.02)) return last; // Sent twice.
    last = mutated(n);
    return last;
  };

  function mutated(n: number): Buffer {
    const base = random.pick(bases);
    const draw = random.next();
    if (huge && draw < 0.00005) return random.pick(giants)(base);
    if (draw < 0.1) return Buffer.from(renamed(base.text, n)); // Sound, so that the log grows as well.
    if (draw < 0.12) return Buffer.from(renamed(base.text, random.int(0, 50))); // An id that was used before.
    if (draw < 0.62) return Buffer.from(renamed(withToken(base, random), n));
    if (draw < 0.67) return Buffer.from(random.pick(nastyEnvelopes));
    if (draw < 0.77) return withBytes(Buffer.from(base.text), random);
    return spoilt(Buffer.from(base.text), random);
  }
}

// `"key":value` of scalars, keys included where a scalar is: what is replaced may be anything.
function baseOf(text: string): Base {
  const values: [number, number][] = [];
  for (const found of text.matchAll(/:("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g))
    values.push([found.index + 1, found.index + found[0].length]);
  return { text, values };
}

function renamed(text: string, n: number): string {
  return text.replace(/^\{"id":"[^"]*"/, `{"id":"h${n}"`);
}

function withToken({ text, values }: Base, random: Random): string {
  const [start, end] = random.pick(values);
  const token = random.chance(0.002) ? `"${"x".repeat(random.int(1, 4_000))}"` : random.pick(nastyTokens);
  if (random.chance(0.1)) return `${text.slice(0, start)}${text.slice(start, end)},"Extra":${token}${text.slice(end)}`;
  return text.slice(0, start) + token + text.slice(end);
}

function withBytes(line: Buffer, random: Random): Buffer {
  const at = random.int(0, line.length);
  return Buffer.concat([line.subarray(0, at), random.pick(nastyBytes), line.subarray(at)]);
}

/** Flips bits, cuts pieces out, doubles them or cuts the end off: once or a few times. */
function spoilt(line: Buffer, random: Random): Buffer {
  let bytes = line;
  for (let times = random.int(1, 3); times > 0; times -= 1) {
    const at = random.int(0, Math.max(0, bytes.length - 1));
    const how = random.int(0, 3);
    if (how === 0 && bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << random.int(0, 7));
    else if (how === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.int(1, 20))]);
    else if (how === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + random.int(1, 20)), bytes.subarray(at)]);
    else bytes = Buffer.from(bytes.subarray(0, at));
  }
  return bytes;
}

const giants: readonly ((base: Base) => Buffer)[] = [
  () => Buffer.from(`${"[".repeat(10_000)}${"]".repeat(10_000)}`),
  () => Buffer.from(`{"type":"Payment.PaymentReceived","data":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`),
  () =>
    Buffer.from(
      `{"type":"Payment.PaymentReceived","data":{${Array.from({ length: 100_000 }, (_, n) => `"${n.toString(36)}":1`).join()}}}`,
    ),
  ({ text }) => Buffer.from(text.replace(/\}\}$/, `,"Note":"${"y".repeat(1_000_000)}"}}`)),
  ({ text }) => Buffer.from(text.replace(/\}\}$/, `,"Note":"${"z".repeat(1_200_000)}"}}`)),
  ({ text }) => Buffer.from(text.replace(/^\{"id":"[^"]*"/, `{"id":"${"i".repeat(100_000)}"`)),
  () => Buffer.from(`{"type":"Payment.PaymentReceived","data":{"PaymentAmount":${"9".repeat(200_000)}}}`),
];
