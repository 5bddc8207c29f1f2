import { absolutePath, duration, oneOf, orNone, webAddress } from "../parsers.ts";
import { key } from "./key.ts";

/** Where bearer tokens are asked for that are not ours. */
export const introspectionKeys = {
  introspectionUrl: key({
    env: "BERTH_INTROSPECTION_URL",
    yaml: "introspection.url",
    parser: orNone(webAddress),
    default: "none",
    about:
      'Where the server asks whose a bearer token is that is none of its own, by POST of `{"token": ...}`. Tokens that begin with `berth_` or `kri_` are never sent there. While it does not answer, nobody comes in by such a token: IDENTITY_UNAVAILABLE',
  }),
  introspectionStyle: key({
    env: "BERTH_INTROSPECTION_STYLE",
    yaml: "introspection.style",
    parser: oneOf("json", "rfc7662"),
    default: "json",
    about:
      "How it is asked: `json`, where 400, 401, 403 and 404 say that the token is nobody's and `active` may be left out of a yes, or `rfc7662`, a form, as the standard of OAuth says",
  }),
  introspectionCredentials: key({
    env: "BERTH_INTROSPECTION_CREDENTIALS",
    yaml: "introspection.credentials",
    parser: orNone(absolutePath),
    default: "none",
    about:
      "File with what the server shows there: `ID:SECRET` for Basic, or a whole header like `Bearer TEXT`",
  }),
  introspectionCa: key({
    env: "BERTH_INTROSPECTION_CA",
    yaml: "introspection.ca",
    parser: orNone(absolutePath),
    default: "none",
    about: "File with whom to trust to sign its certificate (PEM), instead of those whom everybody trusts",
  }),
  introspectionCache: key({
    env: "BERTH_INTROSPECTION_CACHE",
    yaml: "introspection.cache",
    parser: duration,
    default: "30s",
    about: "How long a yes is kept, and never beyond the token's end; a no is kept for 5 s",
  }),
};
