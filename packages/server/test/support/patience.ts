/**
 * How long tests wait for what is to come: guards against hanging, none of them a measure of speed. BERTH_TEST_PATIENCE
 * makes all of them longer where a host is slow, such as one that is a program itself.
 */
export function patiently(ms: number): number {
  return ms * factor;
}

const factor = Number(process.env["BERTH_TEST_PATIENCE"] ?? 1);
