import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { Conflict, Invalid } from "@jukebase/platform";

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;
const derive = promisify(argon2);

/** The shortest and the longest password that is taken, in characters. */
const passwordLengths = { min: 12, max: 128 } as const;

/** Refuses a password that is too short or too long; there are no rules of composition. */
export function requirePassword(password: string): void {
  const { length } = [...password];
  if (length < passwordLengths.min || length > passwordLengths.max) {
    throw new Invalid(`A password has ${passwordLengths.min} to ${passwordLengths.max} characters; this one has ${length}.`);
  }
}

/** The password as an argon2id hash in PHC form, with its own salt and parameters. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await tagOf(password, salt, cost);
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether the password is the hash's; `undefined` takes as long as a real hash and is never right. */
export async function passwordIs(password: string, hash: string | undefined): Promise<boolean> {
  const { salt, tag, memory, passes, parallelism } = parse(hash ?? nobody);
  const got = await tagOf(password, salt, { memory, passes, parallelism });
  return timingSafeEqual(got, tag) && hash !== undefined;
}

type Cost = Pick<Argon2Parameters, "memory" | "passes" | "parallelism">;

// A hash of nothing in particular: checking against it costs what checking against a person's does.
const nobody = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(Buffer.alloc(16))}$${unpadded(Buffer.alloc(tagLength))}`;

function tagOf(password: string, nonce: Buffer, how: Cost): Promise<Buffer> {
  return inTurn(() => derive("argon2id", { ...how, message: password.normalize("NFC"), nonce, tagLength }));
}

function parse(hash: string): Cost & { readonly salt: Buffer; readonly tag: Buffer } {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  if (!found) throw new Error("A password hash in platform.admin_user is not argon2id in PHC form.");
  const [, memory, passes, parallelism, salt = "", tag = ""] = found;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

const hashesAtOnce = 2;
const queueMax = 20;
const queue: (() => void)[] = [];
let running = 0;

// Each hash takes 19 MiB and a core: more than two at once would let a stranger hold the machine.
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= hashesAtOnce) {
    if (queue.length >= queueMax) throw new Conflict("Too many people are signing in at once; try again in a few seconds.");
    await new Promise<void>((resolve) => queue.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next) next();
    else running -= 1;
  }
}
