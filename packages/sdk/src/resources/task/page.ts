/** A page, and where the next one begins; null at the end. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}
