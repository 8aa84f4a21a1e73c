import { describe, expect, it } from '@jest/globals';
import { testCatalogue } from '../compiler/testing.ts';
import { Workspace } from './workspace.ts';

const configuration = 'calendars:\n  office: { timezone: Europe/Berlin, ics: office.ics }\n';
const broken = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n';

describe('a calendar file of the workspace', () => {
  it('shows what is wrong with it, and no longer once it is mended', () => {
    let text = broken;
    const workspace = new Workspace({
      read: () => ({ files: [], configuration: { path: 'countersign.yaml', text: configuration } }),
      catalogue: testCatalogue,
      calendarFile: () => text,
    });
    const shown = () =>
      workspace
        .diagnostics()
        .get('office.ics')
        ?.map(({ code, line }) => `${line} ${code}`);
    expect(shown()).toEqual(['2 CS1922']);
    text = broken.replace('UID:a', 'UID:a\nDTSTART:20260101T120000Z');
    workspace.refresh();
    expect(shown()).toEqual([]);
  });
});
