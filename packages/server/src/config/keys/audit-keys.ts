import { absolutePath, addressRanges, duration, orNone, syslogAddress, webAddress } from "../parsers.ts";
import { key } from "./key.ts";

/** How long the record of what happens is kept, and where it is sent. */
export const auditKeys = {
  auditKeepFor: key({
    env: "BERTH_AUDIT_KEEP_FOR",
    yaml: "audit.keepFor",
    parser: orNone(duration),
    default: "none",
    about:
      "Audit records that are older go, under a record of the cut; what was not shipped yet stays where they are shipped. `none` keeps them for ever",
  }),
  auditSyslog: key({
    env: "BERTH_AUDIT_SYSLOG",
    yaml: "audit.syslog",
    parser: orNone(syslogAddress),
    default: "none",
    about:
      "Where every audit record is shipped to as a message of syslog (RFC 5424), over TLS or TCP with octet counting",
  }),
  auditSyslogCa: key({
    env: "BERTH_AUDIT_SYSLOG_CA",
    yaml: "audit.syslogCa",
    parser: orNone(absolutePath),
    default: "none",
    about: "File with whom to trust to sign its certificate (PEM), instead of those whom everybody trusts",
  }),
  auditWebhook: key({
    env: "BERTH_AUDIT_WEBHOOK",
    yaml: "audit.webhook",
    parser: orNone(webAddress),
    default: "none",
    about: "Where every audit record is shipped to by signed POSTs, up to 200 in one (Standard Webhooks)",
  }),
  auditWebhookSecretFile: key({
    env: "BERTH_AUDIT_WEBHOOK_SECRET_FILE",
    yaml: "audit.webhookSecretFile",
    parser: orNone(absolutePath),
    default: "none",
    about: "File with the key that they are signed by: `whsec_` and 24 to 64 bytes in base64 behind it",
  }),
  auditWebhookCa: key({
    env: "BERTH_AUDIT_WEBHOOK_CA",
    yaml: "audit.webhookCa",
    parser: orNone(absolutePath),
    default: "none",
    about: "File with whom to trust to sign its certificate (PEM), instead of those whom everybody trusts",
  }),
  outboundAllowed: key({
    env: "BERTH_OUTBOUND_ALLOWED",
    yaml: "outbound.allowed",
    parser: orNone(addressRanges),
    default: "none",
    about:
      "Addresses that webhooks may lead to beside the public ones: ranges of what is private, or of this host",
  }),
};
