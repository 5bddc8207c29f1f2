import { afterAll, beforeAll, describe } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { StoreBench } from "../support/store-bench.ts";
import { describeAccounts } from "./store/accounts.ts";
import { describeAudit } from "./store/audit.ts";
import { describeBindings } from "./store/bindings.ts";
import { describeCertificates } from "./store/certificates.ts";
import { describeChanging } from "./store/changing.ts";
import { describeDefinitions } from "./store/definitions.ts";
import { describeDeliveries } from "./store/deliveries.ts";
import { describeFinding } from "./store/finding.ts";
import { describeGroups } from "./store/groups.ts";
import { describeIdempotency } from "./store/idempotency.ts";
import { describeInspecting } from "./store/inspecting.ts";
import { describeInserting } from "./store/inserting.ts";
import { describeListing } from "./store/listing.ts";
import { describeNetworks } from "./store/networks.ts";
import { describeQueueing } from "./store/queueing.ts";
import { describeRetention } from "./store/retention.ts";
import { describeMessages } from "./store/messages.ts";
import { describeRetries } from "./store/retries.ts";
import { describeSchedules } from "./store/schedules.ts";
import { describeSecrets } from "./store/secrets.ts";
import { describeSessions } from "./store/sessions.ts";
import { describeStages } from "./store/stages.ts";
import { describeTokens } from "./store/tokens.ts";
import { describeTogether } from "./store/together.ts";
import { describeUploads } from "./store/uploads.ts";
import { describeWatching } from "./store/watching.ts";

/** What every store must hold; `races` is how often two ends of a job meet. `open` gives an empty one; disposing it removes what it was made of. */
export function describeStore(
  name: string,
  open: () => Promise<Store>,
  { skip = false, races = 10_000 } = {},
): void {
  describe.skipIf(skip)(`store ${name}`, () => {
    let bench: StoreBench | null = null;
    /** All tests share one store: each works with jobs of its own, as users do. */
    const use = (): StoreBench => {
      if (bench === null) throw new Error("Cannot use the store: it is not open");
      return bench;
    };
    beforeAll(async () => {
      bench = new StoreBench(await open());
    });
    afterAll(() => bench?.store[Symbol.asyncDispose]());

    describeInserting(use);
    describeIdempotency(use);
    describeChanging(use, { races });
    describeStages(use);
    describeListing(use);
    describeFinding(use);
    describeQueueing(use);
    describeInspecting(use);
    describeWatching(use);
    describeDeliveries(use);
    describeRetention(use);
    describeAccounts(use);
    describeSessions(use);
    describeGroups(use);
    describeTokens(use);
    describeAudit(use);
    describeBindings(use);
    describeCertificates(use);
    describeUploads(use);
    describeNetworks(use);
    describeSecrets(use);
    describeDefinitions(use);
    describeSchedules(use);
    describeRetries(use);
    describeMessages(use);
    describeTogether(use);
  });
}
