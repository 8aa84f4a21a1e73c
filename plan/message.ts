/** What a message is about: kept beside it until it is sent. */
export interface About {
  page: 'gate' | 'question' | 'task' | 'run' | 'delivery' | 'delegations';
  /** Of the run, or of the delivery. */
  id: string;
  step?: string;
  /** Milliseconds since 1970. */
  deadline?: number;
  /** How the same is done without the page: the last lines of the text, left out where there is a link. */
  commands?: string[];
}
