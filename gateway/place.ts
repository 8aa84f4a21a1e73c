/** Where runbooks stand, whoever put them there. */

export interface Place {
  /** With the runbooks. */
  folder: string;
  /** The path of a file; data files are read from beside it. */
  beside: string;
  /** Absent where it is not known. */
  commit?: string;
  /** File, relative to the folder -> e-mail address of whoever last changed it. */
  authors(): Promise<ReadonlyMap<string, string>>;
}
