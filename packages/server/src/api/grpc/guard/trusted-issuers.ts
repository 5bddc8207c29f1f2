import { X509Certificate } from "node:crypto";

/** Which authorities may have signed a client's certificate, as of now. */
export class TrustedIssuers {
  #authorities: X509Certificate[];
  /** What was found out about each client's chain since the authorities changed last. */
  #known = new WeakMap<object, boolean>();

  constructor(clientCas: string) {
    this.#authorities = parse(clientCas);
  }

  /** The authorities have changed. */
  replace(clientCas: string): void {
    this.#authorities = parse(clientCas);
    this.#known = new WeakMap();
  }

  /** Whether a chain that was checked when its client connected leads to one of them still. */
  trust(chain: readonly X509Certificate[]): boolean {
    const known = this.#known.get(chain);
    if (known !== undefined) return known;
    const trusted = chain.some((one) => this.#authorities.some((authority) => leadsTo(one, authority)));
    this.#known.set(chain, trusted);
    return trusted;
  }
}

/** Also to the same key in a certificate that was renewed. */
function leadsTo(certificate: X509Certificate, authority: X509Certificate): boolean {
  if (certificate.raw.equals(authority.raw)) return true;
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function parse(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
