export interface ScheduleTable {
  name: string;
  next_at: number | null;
  last_at: number | null;
  paused_at: number | null;
  paused_why: string | null;
  refusals: number;
}

export interface ScheduleRunTable {
  schedule: string;
  due_at: number;
  at: number;
  outcome: "submitted" | "refused" | "skipped";
  job_id: string | null;
  why: string | null;
  missed: number;
}
