import { ada } from "./world.testing.ts";

/** A browser without script or style: keeps cookies, follows nothing by itself. */
export class Client {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();

  constructor(base: string) {
    this.#base = base;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers });
  }

  post(path: string, form: Record<string, string> | FormData, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { method: "POST", body: form instanceof FormData ? form : new URLSearchParams(form), headers });
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text();
  }

  /** The hidden token of a page's forms. */
  async token(path: string): Promise<string> {
    return /name="_csrf" value="([^"]+)"/.exec(await this.text(path))?.[1] ?? "";
  }

  async signIn(password: string = ada.password, email: string = ada.email): Promise<Response> {
    return this.post("/sign-in", { email, password, to: "/", _csrf: await this.token("/sign-in") });
  }

  async #send(path: string, init: { method?: string; body?: URLSearchParams | FormData; headers: Record<string, string> }): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(`${this.#base}${path}`, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}
