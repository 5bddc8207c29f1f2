/**
 * On every answer. The API answers programs: a browser that is led here must not show, frame, run, keep or sniff
 * anything. HTTPS is the business of the proxy in front, so no Strict-Transport-Security.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
