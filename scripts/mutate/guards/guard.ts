interface Removal {
  file: string;
  /** Text that stands in the file once. */
  take: string;
  /** What stands there instead; nothing unless named. */
  leave?: string;
}

/** A guard that only the real thing shows to be needed: without it, this test must fail. */
export interface Guard extends Removal {
  /** What it holds, in words. */
  guard: string;
  /** The second wall that holds the same: it is taken away too. */
  also?: Removal;
  test: string;
  /** A part of the test's title, where the whole file takes long. */
  title?: string;
  /** It shows on a host with cgroup v2 only: the test is run in the guest that BERTH_TEST_VM boots. */
  where?: "guest";
}
