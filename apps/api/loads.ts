import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type HandedOver, handedOver, handedOverQueue, inboxOf } from "@jukebase/events/handed-over.ts";
import { Invalid, NotFound, pgExecutor } from "@jukebase/platform";
import { sealFile } from "@jukebase/platform/inbox.ts";
import { listJobs } from "@jukebase/platform/job-list.ts";
import { enqueue } from "@jukebase/platform/jobs.ts";
import type { Request, RequestHandler } from "express";
import type { z } from "zod";
import { Refusal } from "./refusal.ts";
import { callerOf } from "./request.ts";
import { type loadAnswer, loadQuery } from "./schemas.ts";

/** The largest file that may be handed over. */
export const fileBytes_max = 10 * 1024 ** 3;

/** `POST /v1/loads`: a file is put into the inbox, sealed, and a worker loads it. */
export function handOver(jukebase: Jukebase): RequestHandler {
  return async (request, response) => {
    const asked = loadQuery.safeParse(request.query);
    if (!asked.success)
      throw new Invalid(asked.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; "));
    if (Number(request.get("content-length") ?? 0) > fileBytes_max) throw tooLarge();
    const id = randomUUID();
    const { name = "events", ...rest } = asked.data;
    const job = handedOver.parse({ ...rest, file: `${id}-${name}`, source: callerOf(response).source });
    await store(jukebase, request, job, id);
    response.status(202).location(`/v1/loads/${id}`).json({ id, status: "waiting" });
  };
}

async function store({ config, database, keys }: Jukebase, request: Request, job: HandedOver, id: string): Promise<void> {
  const folder = inboxOf(config);
  const size = await sealFile(folder, job.file, keys.vault, limited(request as AsyncIterable<Uint8Array>));
  try {
    if (size === 0) throw new Refusal("invalid", "The file is empty: send it as the request's body.");
    await enqueue(database, handedOverQueue, job, id);
  } catch (error) {
    await rm(`${folder}/${job.file}`, { force: true });
    throw error;
  }
}

async function* limited(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > fileBytes_max) throw tooLarge();
    yield chunk;
  }
}

function tooLarge(): Refusal {
  return new Refusal("too_large", `A file is at most ${fileBytes_max / 1024 ** 3} GiB.`, { connection: "close" });
}

/** `GET /v1/loads/{id}`: how far a load of the key's source has come. */
export function showLoad(jukebase: Jukebase): RequestHandler<{ id: string }> {
  return async ({ params: { id } }, response) => {
    const { source } = callerOf(response);
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw unknown(id);
    const [job] = await listJobs(jukebase, { id, queue: handedOverQueue });
    const loaded = await newestLoad(jukebase, id, source);
    const isTheirs = loaded !== undefined || job?.payload?.source === source;
    if (!isTheirs) throw unknown(id);
    const { received = 0, logged = 0, duplicates = 0, quarantined = 0, finished_at = null } = loaded ?? {};
    const answer: z.infer<typeof loadAnswer> = {
      id,
      status: statusOf(job?.state ?? loaded?.status ?? "waiting"),
      received,
      accepted: logged,
      duplicates,
      quarantined,
      finished_at,
      error: job?.error ?? loaded?.error ?? null,
    };
    response.json(answer);
  };
}

function unknown(id: string): NotFound {
  return new NotFound(`No load of yours is known as ${id}.`);
}

type LoadRow = {
  status: string;
  received: number;
  logged: number;
  duplicates: number;
  quarantined: number;
  finished_at: string | null;
  error: string | null;
};

async function newestLoad({ database }: Jukebase, id: string, source: string): Promise<LoadRow | undefined> {
  const [row] = await pgExecutor(database.pg).query<LoadRow>(
    `select status, received, logged, duplicates, quarantined, finished_at, error
     from events.load
     where source = $2
       and starts_with(name, $1)
     order by load_id desc
     limit 1`,
    [`${id}-`, source],
  );
  return row;
}

function statusOf(state: string): z.infer<typeof loadAnswer>["status"] {
  if (state === "completed" || state === "done") return "done";
  if (state === "failed" || state === "cancelled") return "failed";
  return state === "active" || state === "running" ? "running" : "waiting";
}
