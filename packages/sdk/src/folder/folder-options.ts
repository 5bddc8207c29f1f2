/** What of a folder is sent. */
export interface FolderOptions {
  /**
   * A file that names, in the words of `.gitignore`, what is not to be sent. Default: `.berthignore` of the folder, where
   * it is there.
   */
  ignoreFile?: string | undefined;
  /** More of such lines; they have the last word. */
  ignore?: readonly string[] | undefined;
}
