/** Where a message goes besides the mail: to a channel, or in Slack to a person. */
export interface Chat {
  by: 'slack' | 'teams';
  /** A channel's name, or an e-mail address. */
  to: string;
}

/** What a message is about: kept beside it until it is sent. */
export interface About {
  page: 'gate' | 'question' | 'task' | 'run' | 'delivery' | 'delegations';
  /** Of the run, or of the delivery. */
  id: string;
  step?: string;
  /** Milliseconds since 1970. */
  deadline?: number;
  /** The time that somebody suggested for a change: milliseconds since 1970. */
  suggested?: { from: number; until: number };
  /** The roles that are meant, where it goes to roles: only their channels hear of it besides. */
  roles?: string[];
  /** How the same is done without the page: the last lines of the text, left out where there is a link. */
  commands?: string[];
}
