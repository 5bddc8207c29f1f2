/** Who is calling. `admin` may see and do everything; `user` only what is its own. */
export interface Principal {
  name: string;
  role: "admin" | "user";
}
