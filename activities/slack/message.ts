/** A text as a Slack message: sections of Block Kit, of which the first carries the key of the step. */

import { defined } from '../../plan/defined.ts';

/** Of a section (Slack: Block Kit, section). */
const longestSection = 3_000;
/** What stands in a notification, where nobody reads on. */
const longestNotice = 300;

export interface Block {
  type: string;
  block_id?: string;
  text?: { type: string; text: string };
  elements?: { type: 'button'; text: { type: 'plain_text'; text: string }; url: string }[];
}

/** Slack keeps the name of a block and shows it to nobody: the mark by which a retry knows the message of the first try. */
export function markOf(key: string): string {
  return `countersign-${key}`;
}

/** `link` is opened by a button, and by nothing else: Slack asks us nothing when somebody presses it. */
export function blocksOf(text: string, key: string, link?: string, invitation = 'Open'): Block[] {
  const sections: Block[] = sectionsOf(escaped(text)).map((section, index) => ({
    type: 'section',
    ...defined({ block_id: index === 0 ? markOf(key) : undefined }),
    text: { type: 'mrkdwn', text: section },
  }));
  if (link === undefined) return sections;
  const open = {
    type: 'button' as const,
    text: { type: 'plain_text' as const, text: invitation },
    url: link,
  };
  return [...sections, { type: 'actions', elements: [open] }];
}

export function noticeOf(text: string): string {
  const line = text.trim();
  return escaped(line.length > longestNotice ? `${line.slice(0, longestNotice - 1)}…` : line);
}

/** Slack: Formatting text. What comes from a ticket must not call everybody in a channel (`<!channel>`). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Breaks between lines where it can, else between words, and never inside `&amp;` and its like. */
function sectionsOf(text: string): string[] {
  const sections: string[] = [];
  let rest = text.trim();
  while (rest.length > longestSection) {
    const start = rest.slice(0, longestSection);
    const end = [start.lastIndexOf('\n'), start.lastIndexOf(' '), start.lastIndexOf('&')].find(
      (at) => at > 0,
    );
    sections.push(rest.slice(0, end ?? longestSection));
    rest = rest.slice(end ?? longestSection).replace(/^\s+/, '');
  }
  return [...sections, rest];
}
