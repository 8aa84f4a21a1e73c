/** What a change of runbooks means, in words: for whoever reviews it. */
export interface Change {
  /** The runbook's name; `countersign.yaml` for the configuration. */
  runbook: string;
  step?: string;
  /**
   * `gate`: somebody's signature is needed less than before. `start`: what starts runs today may not do so any more.
   * `step`: what is done, or how. `other`: all the rest.
   */
  about: 'gate' | 'start' | 'step' | 'other';
  text: string;
}
