/** Somebody with cookies who fills in the forms of a site, without a browser. */
export class Visitor {
  readonly #cookies = new Map<string, string>();

  /** Follows redirects and sends each form on its way; the text of the page without any. */
  async goThrough(address: string, filled: Readonly<Record<string, string>>): Promise<string> {
    let url = new URL(address);
    let init: RequestInit = {};
    for (let steps = 0; steps < 20; steps += 1) {
      const answer = await this.#ask(url, init);
      init = {};
      const location = answer.headers.get("location");
      if (location !== null) {
        url = new URL(location, url);
        continue;
      }
      const page = await answer.text();
      const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
      if (action === undefined) return page.replace(/<style>[^]*?<\/style>/g, "").replace(/<[^>]*>/g, " ");
      url = new URL(action.replaceAll("&amp;", "&"), url);
      init = {
        method: "POST",
        body: fieldsOf(page, filled),
        headers: { "content-type": "application/x-www-form-urlencoded" },
      };
    }
    throw new Error(`Cannot go through ${address}: it does not end`);
  }

  async #ask(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }
}

/** What stands in them already, and what is asked for. */
function fieldsOf(page: string, filled: Readonly<Record<string, string>>): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(input)?.[1];
    if (name === undefined) continue;
    fields.set(name, filled[name] ?? /value="([^"]*)"/.exec(input)?.[1] ?? "x");
  }
  return fields;
}
