/** The parts of the library that codec.ts gives their types: it brings none, and what others wrote for it leaves these out. */
declare module "dns-packet" {
  export const question: unknown;
  export const answer: unknown;
}
