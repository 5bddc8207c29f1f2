import { html, type Html, type Page } from "./page.ts";
import type { Failure } from "./failure.ts";

export interface LoginPage {
  /** Of the form. */
  token: Html;
  /** Where to go on. */
  next: string;
  /** By which one logs in with a password; the first is chosen unless `provider` says otherwise. */
  providers: readonly string[];
  /** At which one logs in elsewhere. */
  issuers: readonly string[];
  provider?: string;
  name?: string;
  failure?: Failure | null;
  /** What has been done just now. */
  said?: string | null;
}

const called: Readonly<Record<string, string>> = { local: "This server" };

export function loginPage({
  token,
  next,
  providers,
  issuers,
  provider = "",
  name = "",
  failure = null,
  said = null,
}: LoginPage): Page {
  const isWrong = failure?.isWrongLogin === true ? html` aria-invalid="true" aria-describedby="error"` : null;
  // One thing has the focus: what went wrong, else where to begin.
  const begin = failure === null ? html` autofocus` : null;
  const body = html`${failure?.words ?? null}${said === null ? null : html`<p class="said" role="status">${said}</p>`}
<form method="post" action="/login">
${token}<input type="hidden" name="next" value="${next}">
${chooser(providers, provider)}
<label for="name">Name</label>
<input id="name" name="name" value="${name}" required maxlength="256" autocomplete="username" autocapitalize="none" spellcheck="false"${isWrong}${begin}>
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password"${isWrong}>
<button type="submit">Log in</button>
</form>
${links(issuers, next)}`;
  return { title: "Log in", body, status: failure?.status ?? 200, hasFailed: failure !== null };
}

function chooser(providers: readonly string[], chosen: string): Html {
  const [first = "local", ...others] = providers;
  if (others.length === 0) return html`<input type="hidden" name="provider" value="${first}">`;
  const options = providers.map(
    (one) =>
      html`<option value="${one}"${one === chosen ? html` selected` : null}>${called[one] ?? one}</option>`,
  );
  return html`<label for="provider">Who knows you</label>
<select id="provider" name="provider">${options}</select>`;
}

function links(issuers: readonly string[], next: string): Html | null {
  if (issuers.length === 0) return null;
  const all = issuers.map(
    (one) =>
      html`<li><a class="way" href="/login/oidc/${encodeURIComponent(one)}?next=${encodeURIComponent(next)}">Log in with ${one}</a></li>`,
  );
  return html`<p class="or">or</p>
<ul>${all}</ul>`;
}

/** For whoever is logged in already. */
export function loggedInPage({
  token,
  next,
  person: { name, hasPassword },
}: {
  token: Html;
  next: string;
  person: { name: string; hasPassword: boolean };
}): Page {
  const another = hasPassword
    ? html`<p><a class="way" href="/login/password?next=${encodeURIComponent(next)}">Choose another password</a></p>`
    : null;
  const body = html`<p>You are logged in as <strong>${name}</strong>.</p>
<p><a class="way" href="${next}">Go on</a></p>
${another}
<form method="post" action="/logout">${token}<button class="quiet" type="submit">Log out</button></form>`;
  return { title: "Logged in", body };
}

/** Where a browser may keep no login. */
export function inTheClearPage(): Page {
  const body = html`<div class="error" role="alert"><p>Cannot log in by a browser here: this connection is not protected by TLS.</p>
<p>Open the server by https://. An operator turns it on with BERTH_HTTP_TLS, or names the proxy that has it in BERTH_TRUSTED_PROXIES.</p></div>`;
  return { title: "Log in", body, status: 403, hasFailed: true };
}
