/**
 * Why a job ended, or why it waits. The code is for machines, the message for people;
 * `evidence` holds the measured numbers that the message is made of.
 */
export const endCauses = [
  /** The command ended by itself with an exit code. */
  "exit",
  /** The command was ended by a signal that Berth did not send. */
  "signal",
  "oom",
  "run_timeout",
  "cpu_timeout",
  "start_timeout",
  "idle_timeout",
  "queue_timeout",
  "output_limit",
  "disk_limit",
  /** Somebody asked for the stop. */
  "stopped",
  /** The program does not exist or cannot be executed. */
  "command_failed",
  /** What the job was to be made of cannot be had: its archive cannot be unpacked. */
  "source_failed",
  // Reserved: no job ends by one of these four yet.
  "image_failed",
  "build_failed",
  "scan_rejected",
  "secret_missing",
  /** The host or the runtime failed, not the job. */
  "engine_failed",
  /** Nobody can know how the job ended. */
  "lost",
] as const;

/** Why a queued job does not run yet. */
export const waitCauses = [
  "waiting_for_slot",
  "waiting_for_turn",
  "waiting_for_quota",
  "waiting_for_task",
] as const;

export const causeCodes = [...endCauses, ...waitCauses] as const;

export type EndCause = (typeof endCauses)[number];
export type WaitCause = (typeof waitCauses)[number];
export type CauseCode = (typeof causeCodes)[number];
