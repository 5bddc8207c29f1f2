/** How much work a password costs whoever guesses. */
export interface HashCost {
  /** KiB. */
  memory: number;
  passes: number;
  parallelism: number;
}

/** A password as it is stored: argon2id, version 19. */
export interface Phc extends HashCost {
  salt: Uint8Array;
  tag: Uint8Array;
}

const FORM =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** In the form that other programs read too. */
export function writePhc({ memory, passes, parallelism, salt, tag }: Phc): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** null for what is no such text. */
export function readPhc(text: string): Phc | null {
  const [, memory, passes, parallelism, salt = "", tag = ""] = FORM.exec(text) ?? [];
  if (memory === undefined) return null;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: new Uint8Array(Buffer.from(salt, "base64")),
    tag: new Uint8Array(Buffer.from(tag, "base64")),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
