/**
 * On every answer. The API answers programs: a browser that is led here must not show, frame, run, keep or sniff
 * anything. No Strict-Transport-Security: it would speak for every port of a host of which one is ours.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
