/** More texts than this are not kept ready: each takes memory of every connection, at the database's end too. */
const MOST = 300;
const names = new Map<string, string>();

/** The name under which a statement is prepared once on each connection: reading its text costs more than running it. */
export function statementName(sql: string): { name?: string } {
  const known = names.get(sql);
  if (known !== undefined) return { name: known };
  if (names.size >= MOST) return {};
  const name = `berth_${names.size}`;
  names.set(sql, name);
  return { name };
}
