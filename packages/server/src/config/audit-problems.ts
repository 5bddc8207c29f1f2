/** What is wrong with settings of the audit trail only together. */
export function auditProblems({
  audit: { webhook },
}: {
  audit: { webhook: { secret: string } | null };
}): string[] {
  if (webhook === null || webhook.secret !== "") return [];
  return [
    "BERTH_AUDIT_WEBHOOK_SECRET_FILE must name a file while BERTH_AUDIT_WEBHOOK is set, for what is sent there is signed: current value is none",
  ];
}
