import type { Failure } from "./failure.ts";
import { html, type Html, type Page } from "./page.ts";

export interface PasswordPage {
  token: Html;
  next: string;
  /** Whose it is: password managers want to know. */
  name: string;
  /** The one of now was chosen by somebody else. */
  mustChange: boolean;
  failure?: Failure | null;
}

export function passwordPage({ token, next, name, mustChange, failure = null }: PasswordPage): Page {
  const isWrong = html` aria-invalid="true"`;
  const isOldWrong = failure?.isWrongLogin === true ? isWrong : null;
  const isNewWrong = failure?.isWrongLogin === false ? isWrong : null;
  const about = html` aria-describedby="${failure === null ? "rule" : "error rule"}"`;
  const begin = failure === null ? html` autofocus` : null;
  const why = mustChange
    ? html`<p>Your password was chosen by somebody else. Choose one that you alone know, then go on.</p>`
    : null;
  const body = html`${failure?.words ?? null}${why}
<form method="post" action="/login/password">
${token}<input type="hidden" name="next" value="${next}">
<input type="text" name="username" value="${name}" autocomplete="username" hidden readonly>
<label for="current">Password until now</label>
<input id="current" name="current" type="password" required maxlength="1024" autocomplete="current-password"${isOldWrong}${begin}>
<label for="password">New password</label>
<input id="password" name="password" type="password" required minlength="12" maxlength="1024" autocomplete="new-password"${isNewWrong}${about}>
<p class="hint" id="rule">12 characters or more, and none that everybody tries first.</p>
<label for="again">New password once more</label>
<input id="again" name="again" type="password" required minlength="12" maxlength="1024" autocomplete="new-password">
<p class="hint">All your other logins end. Tokens and certificates stay: <code>berth token list</code> and <code>berth cert list</code> show what there is.</p>
<button type="submit">Choose this password</button>
</form>
<form method="post" action="/logout">${token}<button class="quiet" type="submit">Log out</button></form>`;
  return { title: "Choose a password", body, status: failure?.status ?? 200, hasFailed: failure !== null };
}
