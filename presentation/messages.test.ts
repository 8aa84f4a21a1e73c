import { describe, expect, it } from '@jest/globals';
import ical from 'ical.js';
import { calendarFile } from './icalendar.ts';
import { messageToSend } from './messages.ts';

const now = Date.parse('2026-01-12T09:00:00Z');
const deadline = Date.parse('2026-01-14T16:00:00Z');
const commands = ['Approve: countersign approve r1 signoff', 'Refuse:  countersign reject r1 signoff'];
const asked = {
  id: 'r1.signoff.ask',
  subject: 'Please sign: The manager signs off (New hire: Lea Moss)',
  text: ['Kim asks for your signature.', '', '  Licence: <E3> & more', '', ...commands].join('\n'),
};
const about = { page: 'gate' as const, id: 'r1', step: 'signoff', deadline, commands };
const ticket = { key: 'HR-101', summary: 'Lea joins', url: 'https://jira.example.com/browse/HR-101' };
const address = 'https://countersign.example.com';

describe('A message', () => {
  it('names the ticket, leads to the page that asks, and says no commands there', () => {
    const { subject, text, html = '' } = messageToSend(asked, about, { ticket, address, now });
    expect(subject).toBe(`${asked.subject}, HR-101`);
    expect(text).toContain('Ticket: HR-101 Lea joins https://jira.example.com/browse/HR-101');
    expect(text).toContain(`Read it and sign: ${address}/runs/r1/gates/signoff`);
    expect(text).not.toContain('countersign approve');
    expect(html).toContain(`<a href="${address}/runs/r1/gates/signoff"`);
    expect(html).toContain('&lt;E3&gt; &amp; more');
    expect(html).toContain('<a href="https://jira.example.com/browse/HR-101">');
    // A filter that opens every link of a mail decides nothing: there is no form, no script and one address of ours.
    expect(html).not.toMatch(/<form|<script|<img/);
  });

  it('says how it is done at the command line where no address is known', () => {
    const { text, html, calendar } = messageToSend(asked, about, { ticket, now });
    expect(text).toContain('Approve: countersign approve r1 signoff');
    expect([html, calendar]).toEqual([undefined, undefined]);
  });

  it('brings its deadline as an event that calendars read, and none once it has passed', () => {
    const { calendar = '' } = messageToSend(asked, about, { ticket, address, now });
    const [event] = new ical.Component(ical.parse(calendar)).getAllSubcomponents('vevent');
    const read = new ical.Event(event);
    expect(read.startDate.toJSDate().getTime()).toBe(deadline);
    expect(read.summary).toBe(`${asked.subject}, HR-101`);
    expect(event?.getFirstPropertyValue('url')).toBe(`${address}/runs/r1/gates/signoff`);
    const late = messageToSend(asked, about, { ticket, address, now: deadline + 1 });
    expect(late.calendar).toBeUndefined();
  });

  it('brings the window of what is signed as an event of its own, as long as it is not over', () => {
    const [opensAt, closesAt] = [deadline + 3_600_000, deadline + 7_200_000];
    const eventsAt = (when: number, more: object = {}) => {
      const window = { title: 'nights', opensAt, closesAt };
      const { calendar } = messageToSend(
        asked,
        { ...about, ...more },
        { ticket, window, address, now: when },
      );
      const events = calendar ? new ical.Component(ical.parse(calendar)).getAllSubcomponents('vevent') : [];
      return events.map((each) => new ical.Event(each));
    };
    const [, window] = eventsAt(now);
    expect(window?.summary).toBe(`Window nights: ${asked.subject}, HR-101`);
    expect([window?.startDate, window?.endDate].map((each) => each?.toJSDate().getTime())).toEqual([
      opensAt,
      closesAt,
    ]);
    // Whichever message brings it, it is the same event.
    expect(eventsAt(now + 1)[1]?.uid).toBe(window?.uid);
    expect(eventsAt(deadline + 1)).toHaveLength(1);
    expect(eventsAt(closesAt + 1)).toEqual([]);
  });

  it('does not say the ticket twice', () => {
    const told = {
      id: 'a',
      subject: 'Done: New hire (HR-101)',
      text: 'It is done.\n\nTicket: https://x.example.com',
    };
    const { subject, text } = messageToSend(told, { page: 'run', id: 'r1' }, { ticket, address, now });
    expect(subject).toBe(told.subject);
    expect(text.match(/Ticket:/g)).toHaveLength(1);
    expect(text).toContain(`Look at the run: ${address}/runs/r1`);
  });
});

describe('An .ics file', () => {
  it('keeps what stands in a text from being lines of its own, and folds long ones between letters', () => {
    const title = `Firewall; "A, B"\nDTSTART:19700101T000000Z ${'ü'.repeat(80)}`;
    const file = calendarFile([{ uid: 'a', from: now, until: deadline, title }], now, 'Changes');
    for (const line of file.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    const [event] = new ical.Component(ical.parse(file)).getAllSubcomponents('vevent');
    expect(new ical.Event(event).summary).toBe(title);
    expect(new ical.Event(event).startDate.toJSDate().getTime()).toBe(now);
  });
});
