/** A ticket system as `connectors/NAME/tickets.yaml` declares it: what `compiler/connectors/` makes of it, and all that `tickets/` sees. */
import type { Cel, JsonObject, JsonSchema, Template } from './values.ts';

/** How a delivery shows that it comes from whom it says. */
export type Signing =
  | {
      by: 'hmac';
      /** Names of headers in lower case, as they are looked up; `shown` as people write them. */
      header: string;
      shown: string;
      encoding: 'hex' | 'base64' | 'sha256=hex';
      /** What is signed; a moment that is signed bounds how long it is believed. */
      over: 'body' | 'timestamp body' | 'timestamp.body';
      timestamp?: { header: string; shown: string; clock: 'seconds' | 'ISO 8601' };
      sender?: string;
      advice?: string;
    }
  | { by: 'secret'; header: string; shown: string; sender?: string };

export interface DeclaredPerson {
  email?: Template;
  id?: Template;
  name?: Template;
}

/** One kind of delivery: the first whose `when` holds reads it. */
export interface DeclaredReading {
  when?: Cel;
  as: 'transition' | 'edit' | 'deletion' | 'nothing';
  /** Of `nothing`: why. */
  says?: Template;
  /** The same for every report of this change. */
  key?: Template;
  ticket?: { key: Template; id?: Template; url?: Template; summary?: Template };
  project?: Template;
  type?: Template;
  from?: { label: Template; value?: Template };
  to?: { label: Template; value?: Template };
  by?: DeclaredPerson;
  requester?: DeclaredPerson;
  changed?: Cel;
  number?: Cel;
  at?: Cel;
  fields?: Template;
  /** One more of them, whose name the delivery says. */
  field?: { name: Template; value: Template };
  more?: Record<string, Template>;
}

export interface TicketSample {
  title: string;
  body: JsonObject;
  /** What it is read as, and what a delivery of it says of the ticket. */
  is: DeclaredReading['as'] | 'rejected';
  says: JsonObject;
}

export interface DeclaredTicketSystem {
  name: string;
  title: string;
  /** What the keys of a trigger mean there, for the reference. */
  words: Record<string, string>;
  /** The first whose header a delivery has counts. */
  signed: Signing[];
  /** A reader in TypeScript, where expressions cannot say it; else `body` and `reads`. */
  reader?: string;
  body: JsonSchema;
  reads: DeclaredReading[];
  setup: {
    /** Which key of the triggers names what it is about. */
    about?: 'project' | 'type';
    steps: Template[];
    /** A file of the manual that is pasted there. */
    script?: string;
  };
  samples: TicketSample[];
  file: string;
  lines: Record<string, number>;
}
