import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword, passwordIs } from "./access/passwords.ts";
import { createAdmin } from "./accounts.ts";
import { type Client, newClient } from "./client.testing.ts";
import { startAdmin } from "./server.ts";
import { ada, openWorld, type World } from "./world.testing.ts";

let world: World;
let url: string;

beforeAll(async () => {
  world = await openWorld([]);
  url = world.admin.url;
});
afterAll(() => world?.close());

const signedIn = async (): Promise<Client> => {
  const client = newClient(url);
  await client.signIn();
  return client;
};

describe("accounts", () => {
  it("keep a password as argon2id in PHC form, with a salt of its own", async () => {
    const [one, two] = [await hashPassword(ada.password), await hashPassword(ada.password)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwordIs(ada.password, one)).toBe(true);
    expect(await passwordIs("correct horse batterx", one)).toBe(false);
    expect(await passwordIs("", undefined)).toBe(false);
  });

  it("are made with a generated password when none is given, once per address", async () => {
    const made = await createAdmin(world.jukebase, " Bob@Example.com ");
    expect(made.email).toBe("bob@example.com");
    expect(made.password).toHaveLength(24);
    await expect(createAdmin(world.jukebase, "bob@example.com")).rejects.toThrow(
      "There is an account for bob@example.com already.",
    );
    await expect(createAdmin(world.jukebase, "eve@example.com", "short")).rejects.toThrow("12 to 128 characters");
    await expect(createAdmin(world.jukebase, "nobody")).rejects.toThrow("not an e-mail address");
  });
});

describe("signing in", () => {
  it("opens a session behind an opaque cookie that only its hash is kept of", async () => {
    const client = newClient(url);
    const response = await client.signIn();
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/");
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^jukebase_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const secret = client.cookies.get("jukebase_session") as string;
    const { rows } = await world.jukebase.database.pg.query("select session_hash::text, csrf from platform.admin_session");
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(await client.text("/")).toContain(ada.email);
  });

  it("behind https sets a __Host- cookie that is Secure", async () => {
    const client = newClient(url);
    const page = await client.get("/sign-in", { "x-forwarded-proto": "https" });
    expect(page.headers.getSetCookie()[0]).toMatch(/^__Host-jukebase_visit=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("makes a new session each time and ends the one before", async () => {
    const client = await signedIn();
    const before = client.cookies.get("jukebase_session");
    await client.signIn();
    expect(client.cookies.get("jukebase_session")).not.toBe(before);
    const thief = await fetch(`${url}/`, { redirect: "manual", headers: { cookie: `jukebase_session=${before}` } });
    expect(thief.headers.get("location")).toBe("/sign-in");
  });

  it("answers an unknown address and a wrong password with the same page", async () => {
    const pages = [];
    for (const [password, email] of [
      ["not the password", ada.email],
      [ada.password, "who@example.com"],
    ] as const) {
      const response = await newClient(url).signIn(password, email);
      expect(response.status).toBe(401);
      pages.push((await response.text()).replaceAll(email, "").replace(/name="_csrf" value="[^"]+"/, ""));
    }
    expect(pages[0]).toBe(pages[1]);
  });

  it("goes back to where one wanted to go, and never to another host", async () => {
    const stranger = await newClient(url).get("/events?type=x");
    expect(stranger.headers.get("location")).toBe("/sign-in?to=%2Fevents%3Ftype%3Dx");
    for (const [to, place] of [
      ["/events?type=x", "/events?type=x"],
      ["//evil.example", "/"],
      ["/\\evil.example", "/"],
      ["https://evil.example/", "/"],
    ] as const) {
      const client = newClient(url);
      const response = await client.post("/sign-in", { ...ada, to, _csrf: await client.token("/sign-in") });
      expect(response.headers.get("location")).toBe(place);
    }
  });

  it("is refused after five failures, for the account from anywhere", async () => {
    const own = await startAdmin(world.jukebase, { host: "127.0.0.1", port: 0 });
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await newClient(own.url).signIn("not the password")).status);
    const right = await newClient(own.url).signIn();
    await own.close();
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(right.status).toBe(429);
    expect(await right.text()).toContain("Too many attempts");
  });
});

describe("a session", () => {
  it("ends by signing out", async () => {
    const client = await signedIn();
    const secret = client.cookies.get("jukebase_session");
    const response = await client.post("/sign-out", { _csrf: await client.token("/events") });
    expect(response.headers.get("location")).toBe("/sign-in");
    const again = await fetch(`${url}/`, { redirect: "manual", headers: { cookie: `jukebase_session=${secret}` } });
    expect(again.status).toBe(303);
  });

  it("ends after 30 minutes unused, and after 12 hours in any case", async () => {
    const client = await signedIn();
    const start = world.clock.iso;
    const after = async (minutes: number) => {
      world.clock.iso = Temporal.Instant.from(start).add({ minutes }).toString();
      return (await client.get("/events")).status;
    };
    try {
      for (let minutes = 25; minutes < 12 * 60; minutes += 25) expect(await after(minutes)).toBe(200);
      expect(await after(12 * 60 + 1)).toBe(303);
      world.clock.iso = start;
      await client.signIn();
      expect(await after(31)).toBe(303);
    } finally {
      world.clock.iso = start;
    }
  });
});

describe("forms", () => {
  it("without the session's token are refused and change nothing", async () => {
    const client = await signedIn();
    for (const _csrf of ["", "guess", await newClient(url).token("/sign-in")]) {
      const response = await client.post("/sign-out", { _csrf });
      expect(response.status).toBe(403);
      expect(await response.text()).toContain("This form is out of date");
    }
    expect((await client.get("/")).status).toBe(200);
    expect((await newClient(url).post("/sign-in", { ...ada, _csrf: "x" })).status).toBe(403);
  });

  it("from another site are refused even with the token", async () => {
    const client = await signedIn();
    const _csrf = await client.token("/events");
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ]) {
      expect((await client.post("/sign-out", { _csrf }, headers)).status).toBe(403);
    }
    expect((await client.post("/sign-out", { _csrf }, { origin: url })).status).toBe(303);
  });

  it("are the only way to change something: a GET of their address finds nothing", async () => {
    const client = await signedIn();
    for (const path of ["/sign-out", "/quarantine/replay/x", "/jobs/retry"]) expect((await client.get(path)).status).toBe(404);
  });
});

describe("every answer", () => {
  it("carries a strict policy and is not stored", async () => {
    const client = await signedIn();
    for (const path of ["/", "/sign-in", "/nowhere"]) {
      const { headers } = await client.get(path);
      const policy = new Set(headers.get("content-security-policy")?.split(";"));
      const rules = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ];
      expect(policy).toEqual(new Set(rules));
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("that is an asset may be kept for ever", async () => {
    const path = /href="(\/assets\/console-[^"]+\.css)"/.exec(await newClient(url).text("/sign-in"))?.[1];
    const response = await newClient(url).get(path ?? "");
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  });

  it("for a probe needs no session", async () => {
    expect(await (await newClient(url).get("/health")).json()).toEqual({ status: "ok", database: true });
  });

  it("that is an error says what is wrong and carries the request's id", async () => {
    const client = await signedIn();
    const missing = await client.get("/reports/none");
    expect(missing.status).toBe(404);
    const text = await missing.text();
    expect(text).toContain("There is no report &quot;none&quot;.");
    expect(text).toContain(missing.headers.get("x-request-id"));
    const invalid = await client.get("/reports/total-sales?colour=red");
    expect(invalid.status).toBe(400);
    expect(await invalid.text()).toContain("total-sales has no parameter &quot;colour&quot;");
  });
});

describe("a new installation", () => {
  it("says how to fill it", async () => {
    const page = await (await signedIn()).text("/");
    expect(page).toContain("jukebase demo");
    expect(page).toContain("jukebase ingest events.ndjson");
  });
});
