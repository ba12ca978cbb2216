import { ada } from "./world.testing.ts";

/** A browser without script or style: keeps cookies, follows nothing by itself. */
export type Client = {
  readonly cookies: ReadonlyMap<string, string>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  readonly post: (path: string, form: Record<string, string> | FormData, headers?: Record<string, string>) => Promise<Response>;
  readonly text: (path: string) => Promise<string>;
  /** The hidden token of a page's forms. */
  readonly token: (path: string) => Promise<string>;
  readonly signIn: (password?: string, email?: string) => Promise<Response>;
};

/** A client of the console at an address, without any cookie yet. */
export function newClient(base: string): Client {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit, headers: Record<string, string> = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(`${base}${path}`, { ...init, redirect: "manual", headers: { ...headers, cookie } });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    return response;
  };
  const get: Client["get"] = (path, headers) => send(path, {}, headers);
  const post: Client["post"] = (path, form, headers) =>
    send(path, { method: "POST", body: form instanceof FormData ? form : new URLSearchParams(form) }, headers);
  const text: Client["text"] = async (path) => (await get(path)).text();
  const token: Client["token"] = async (path) => /name="_csrf" value="([^"]+)"/.exec(await text(path))?.[1] ?? "";
  const signIn: Client["signIn"] = async (password = ada.password, email = ada.email) =>
    post("/sign-in", { email, password, to: "/", _csrf: await token("/sign-in") });
  return { cookies, get, post, text, token, signIn };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (value === "") cookies.delete(name);
  else cookies.set(name, value);
}
