/**
 * A message to people as it is sent: what is asked in words, the ticket, the subject, the deadline, and a way in. The link leads to a page
 * and does nothing by being opened, since mail programs and their filters open links too.
 */
import type { About } from '../plan/message.ts';
import { escapeHtml } from '../plan/tables.ts';
import { type CalendarEvent, calendarFile } from './icalendar.ts';

export type { About } from '../plan/message.ts';

export interface MessageText {
  id: string;
  subject: string;
  text: string;
}

export interface AboutRun {
  ticket?: { key: string; summary: string; url: string };
  /** Of a signature: the next window of the steps behind it. */
  window?: { title?: string; opensAt?: number; closesAt?: number };
}

export interface SentMessage {
  subject: string;
  text: string;
  html?: string;
  /** The page that it leads to, and what it says without that. */
  page?: { link: string; invitation: string; text: string };
  /** An .ics file, of a deadline and a window. */
  calendar?: string;
}

const invitations: Record<About['page'], string> = {
  gate: 'Read it and sign',
  question: 'Read it and answer',
  task: 'Open the task',
  run: 'Look at the run',
  delivery: 'Look at what came in',
  delegations: 'Look who stands in',
};

export function pathOfPage({ page, id, step }: Pick<About, 'page' | 'id' | 'step'>): string {
  const [run, of] = [encodeURIComponent(id), encodeURIComponent(step ?? '')];
  switch (page) {
    case 'gate':
      return `/runs/${run}/gates/${of}`;
    case 'question':
      return `/runs/${run}/gates/${of}#questions`;
    case 'task':
      return `/runs/${run}/tasks/${of}`;
    case 'run':
      return `/runs/${run}${step === undefined ? '' : `#step-${of}`}`;
    case 'delivery':
      return `/deliveries/${run}`;
    case 'delegations':
      return '/stand-ins';
  }
}

/** Without an address of this installation, or without what it is about, the message says how it is done at the command line. */
export function messageToSend(
  message: MessageText,
  about: About | undefined,
  { ticket, window, address, now }: AboutRun & { address?: string | undefined; now: number },
): SentMessage {
  const { key, summary, url } = ticket ?? {};
  const subject =
    key === undefined || message.subject.includes(key) ? message.subject : `${message.subject}, ${key}`;
  if (!about) return { subject, text: message.text };
  const link = address === undefined ? undefined : address + pathOfPage(about);
  const said = link === undefined ? message.text : withoutCommands(message.text, about.commands ?? []);
  const named =
    key === undefined || said.includes(`Ticket: `)
      ? []
      : ['', `Ticket: ${[key, summary, url].filter((part) => part).join(' ')}`];
  const text = [said.trimEnd(), ...named].join('\n');
  if (link === undefined) return { subject, text };
  const invitation = invitations[about.page];
  return {
    subject,
    text: `${text}\n\n${invitation}: ${link}\n`,
    html: htmlOf(text, { link, invitation }),
    page: { link, invitation, text },
    ...calendarOf({ ...message, subject }, { about, window, link, now }),
  };
}

function withoutCommands(text: string, commands: readonly string[]): string {
  const end = commands.join('\n');
  const whole = text.trimEnd();
  return end !== '' && whole.endsWith(end) ? whole.slice(0, -end.length) : text;
}

/** One column that mail programs of any age show, with a button that is a link. */
function htmlOf(text: string, { link, invitation }: { link: string; invitation: string }): string {
  const paragraphs = text
    .split(/\n{2,}/)
    .map((part) => `<p style="margin:0 0 1em;white-space:pre-wrap">${linked(part)}</p>`);
  const button = `<p style="margin:1.5em 0"><a href="${escapeHtml(link)}" style="background:#2b4dbd;color:#ffffff;padding:0.7em 1.2em;border-radius:6px;text-decoration:none;display:inline-block">${escapeHtml(invitation)}</a></p>`;
  return `<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;max-width:40em">${paragraphs.join('\n')}\n${button}\n<p style="color:#545e70;font-size:14px">The link opens a page. Nothing is decided by opening it.</p></body></html>`;
}

/** Web addresses in a text become links; all else is only text. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) =>
      index % 2 === 0 ? escapeHtml(part) : `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>`,
    )
    .join('');
}

interface Dated extends Pick<AboutRun, 'window'> {
  about: About;
  link: string;
  now: number;
}

/** The deadline, and the window in which what is signed would be done; nothing where neither is ahead. */
function calendarOf(message: MessageText, dated: Dated): Pick<SentMessage, 'calendar'> {
  const { now } = dated;
  const events = [...deadlineOf(message, dated), ...windowOf(message, dated), ...suggestedOf(message, dated)];
  return events.length === 0 ? {} : { calendar: calendarFile(events, now) };
}

function deadlineOf(
  { id, subject }: MessageText,
  { about: { deadline }, link, now }: Dated,
): CalendarEvent[] {
  if (deadline === undefined || deadline <= now) return [];
  return [
    {
      uid: `${id}.deadline`,
      from: deadline,
      until: deadline,
      title: subject,
      description: `Answer by then: ${link}`,
      url: link,
      remindMinutes: 120,
      free: true,
    },
  ];
}

function windowOf({ subject }: MessageText, { about, window = {}, link, now }: Dated): CalendarEvent[] {
  const { title, opensAt, closesAt } = window;
  if (opensAt === undefined || closesAt === undefined || closesAt <= now) return [];
  const named = title === undefined || title === '' ? 'Window' : `Window ${title}`;
  return [
    {
      // The same with each message of this signature: a window that moved takes the place of the earlier one.
      uid: `${about.id}.${about.step ?? ''}.window`,
      from: opensAt,
      until: closesAt,
      title: `${named}: ${subject}`,
      description: `If it is signed by then, it is done in this window: ${link}`,
      url: link,
      free: true,
    },
  ];
}

/** A time that is only suggested says so, and takes the place of one that was suggested before. */
function suggestedOf({ subject }: MessageText, { about, link, now }: Dated): CalendarEvent[] {
  const { id, step = '', suggested } = about;
  if (suggested === undefined || suggested.until <= now) return [];
  return [
    {
      uid: `${id}.${step}.suggested`,
      ...suggested,
      title: `Suggested time: ${subject}`,
      description: `It is only suggested. Read it and answer: ${link}`,
      url: link,
      free: true,
    },
  ];
}
