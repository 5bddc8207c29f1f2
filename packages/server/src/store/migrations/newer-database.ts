/** How to mend that a newer Berth has written a database: an older one knows nothing of what that made of the tables. */
export const newerDatabaseFix =
  "Start the version that has written it, or a later one; to go back, restore the copy from before the upgrade";
