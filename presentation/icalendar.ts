/** Events as calendars read them: RFC 5545. For a deadline in a mail, and for the feed of changes. */

export interface CalendarEvent {
  uid: string;
  /** Milliseconds since 1970. */
  from: number;
  until: number;
  title: string;
  description?: string;
  url?: string;
  /** Minutes before it begins, at which the calendar says so. */
  remindMinutes?: number;
  /** Nothing else is in the way of it: somebody's day is not blocked. */
  free?: true;
}

/** `made` is when it was written, which calendars compare when an event comes again. */
export function calendarFile(events: readonly CalendarEvent[], made: number, title?: string): string {
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Countersign//EN',
    'METHOD:PUBLISH',
    ...(title === undefined
      ? []
      : [`X-WR-CALNAME:${escaped(title)}`, 'REFRESH-INTERVAL;VALUE=DURATION:PT1H']),
    ...events.flatMap((event) => linesOf(event, made)),
    'END:VCALENDAR',
  ]
    .map(folded)
    .map((line) => `${line}\r\n`)
    .join('');
}

function linesOf(event: CalendarEvent, made: number): string[] {
  const { uid, from, until, title, description, url, remindMinutes, free } = event;
  return [
    'BEGIN:VEVENT',
    `UID:${escaped(uid)}@countersign`,
    `DTSTAMP:${utc(made)}`,
    `DTSTART:${utc(from)}`,
    `DTEND:${utc(Math.max(until, from))}`,
    `SUMMARY:${escaped(title)}`,
    ...(description === undefined ? [] : [`DESCRIPTION:${escaped(description)}`]),
    ...(url === undefined ? [] : [`URL:${url.replace(/[\r\n]/g, '')}`]),
    ...(free ? ['TRANSP:TRANSPARENT'] : []),
    ...(remindMinutes === undefined
      ? []
      : [
          'BEGIN:VALARM',
          'ACTION:DISPLAY',
          `DESCRIPTION:${escaped(title)}`,
          `TRIGGER:-PT${remindMinutes}M`,
          'END:VALARM',
        ]),
    'END:VEVENT',
  ];
}

function utc(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** RFC 5545, 3.3.11: nothing in a text can end its line. */
function escaped(text: string): string {
  return text
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n|\r|\n/g, '\\n')
    .replace(/\p{Cc}/gu, '');
}

const longestLine = 75;

/** RFC 5545, 3.1: lines of at most 75 bytes, and no letter is torn apart. */
function folded(line: string): string {
  const lines: string[] = [];
  let current = '';
  for (const letter of line) {
    if (Buffer.byteLength(current + letter) > (lines.length === 0 ? longestLine : longestLine - 1)) {
      lines.push(current);
      current = '';
    }
    current += letter;
  }
  return [...lines, current].join('\r\n ');
}
