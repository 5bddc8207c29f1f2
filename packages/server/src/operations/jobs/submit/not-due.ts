/** The instant of a schedule was taken by somebody else, or is not the schedule's any more: there is no such job. */
export class NotDue extends Error {
  override readonly name = "NotDue";
}
