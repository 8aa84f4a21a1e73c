/** The files that hang at a ticket, as whoever decides about it reads them: by name, and each whole. */

export interface TicketFile {
  id: string;
  name: string;
  bytes: number;
  /** Milliseconds since 1970. */
  at?: number;
  /** Who attached it, as the system calls them. */
  by?: string;
}

/** By the ticket's id, or its key where that is all that is known. */
export interface TicketFiles {
  list(ticket: string): Promise<TicketFile[]>;
  /** Whether this id is one of that ticket is for who asks to know: the account of the settings may see others. */
  read(id: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** In bytes: larger ones are named, and stay where they are. */
export const largestTicketFile = 20 * 1024 * 1024;
