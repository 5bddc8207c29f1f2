/** One destination that a job has reached, or was refused. */
export interface Contact {
  /** By which it was looked up last; null where it was not, or nobody knows. */
  name: string | null;
  /** null of a name that was not granted; where one leads to what is closed, that. */
  address: string | null;
  /** null of a look-up. */
  protocol: "tcp" | "udp" | null;
  port: number | null;
  outcome: "reached" | "refused";
  /** That went out, or were refused: one for each attempt of TCP. */
  packets: number;
  /** null of what was refused: nobody got it. */
  bytesOut: number | null;
  bytesIn: number | null;
  /** Epoch ms. */
  firstAt: number;
  lastAt: number;
}

/** What a job has reached, where it is observed, and what it was refused. */
export interface Contacts {
  list: readonly Contact[];
  /** Packets that were refused, also those of which the list says nothing. */
  refused: number;
}
