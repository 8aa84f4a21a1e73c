/** What is in the mailboxes of the invented company, for those where there is anything to find. */
import { idOf } from '../seed.ts';

export interface InboxRule {
  id: string;
  displayName: string;
  sequence: number;
  isReadOnly: boolean;
  actions: Record<string, unknown>;
}

export interface MobileDevice {
  guid: string;
  friendlyName: string;
  model: string;
}

export interface MailboxContents {
  bytes: number;
  rules: InboxRule[];
  mobileDevices: MobileDevice[];
  /** Subjects of the meetings that its owner invited to, each a series without an end. */
  meetings: string[];
}

const gibibyte = 1024 ** 3;

/** By sign-in name; the people need not be there yet. */
const contents: Record<string, Partial<MailboxContents>> = {
  'lou.maier@example.com': {
    bytes: 3 * gibibyte,
    rules: [
      rule('Forward everything to my own address', 1, {
        forwardTo: [{ emailAddress: { name: 'Lou', address: 'lou@mail.example.net' } }],
      }),
      rule('Newsletters', 2, { moveToFolder: 'AQMkADYAAAIBXQAAAA==', stopProcessingRules: true }),
    ],
    mobileDevices: [
      { guid: idOf('partnership Lou’s iPhone'), friendlyName: 'Lou’s iPhone', model: 'iPhone15C4' },
    ],
    meetings: ['Weekly planning'],
  },
  'kim.okafor@example.com': { rules: [rule('Newsletters', 1, { markAsRead: true })] },
  // More than a shared mailbox may hold without a licence.
  'alex.duarte@example.com': { bytes: 61 * gibibyte },
};

export function contentsOf(signInName: string): MailboxContents {
  const own = contents[signInName.toLowerCase()];
  return structuredClone({ bytes: 250 * 1024 ** 2, rules: [], mobileDevices: [], meetings: [], ...own });
}

function rule(displayName: string, sequence: number, actions: Record<string, unknown>): InboxRule {
  const id = Buffer.from(`rule ${displayName}`).toString('base64');
  return { id, displayName, sequence, isReadOnly: false, actions };
}
