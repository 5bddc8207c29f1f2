import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const callbacks = "packages/server/test/task-callbacks.test.ts";
const beside = "packages/server/test/task-callbacks-beside.test.ts";

/** What keeps the ends of jobs on their way to those who are told of them. */
export const deliveries: readonly Guard[] = [
  {
    guard: "a callback to an address that is closed is refused when it is written",
    file: `${server}/operations/tasks/deliveries/demand-callbacks.ts`,
    take: "if (why !== null) throw",
    leave: "if (why === undefined) throw",
    test: callbacks,
    title: "takes no task that names an address",
  },
  {
    guard: "a receiver that hangs takes the room of its own lane",
    file: `${server}/deliveries/room.ts`,
    take: "ofLane - this.busyIn(lane)",
    leave: "ofLane + inAll",
    test: beside,
    title: "goes out at once",
  },
  {
    guard: "what a server that goes down has cut is due at once",
    file: `${server}/deliveries/deliver.ts`,
    take: "isCut ? 0 : nextTryMs(tries, { askedMs })",
    leave: "nextTryMs(tries, { askedMs })",
    test: beside,
    title: "is cut and noted",
  },
  {
    guard: "a clock that was set back holds up nothing",
    file: `${server}/deliveries/keeper.ts`,
    take: "now < this.#looked - SET_BACK_MS",
    leave: "now < 0",
    test: beside,
    title: "the clock was set back",
  },
];
