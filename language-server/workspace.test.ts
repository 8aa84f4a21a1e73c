import { describe, expect, it } from '@jest/globals';
import { exampleConnector, exampleContract } from '../compiler/connectors/testing.ts';
import { testCatalogue } from '../compiler/testing.ts';
import { complete, hover } from './assist.ts';
import { Workspace } from './workspace.ts';

const configuration = 'calendars:\n  office: { timezone: Europe/Berlin, ics: office.ics }\n';
const broken = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n';

describe('a calendar file of the workspace', () => {
  it('shows what is wrong with it, and no longer once it is mended', () => {
    let text = broken;
    const workspace = new Workspace({
      read: () => ({ files: [], configuration: { path: 'countersign.yaml', text: configuration } }),
      catalogue: testCatalogue,
      configuredFile: (path) => {
        if (path === 'organisation.yaml') throw Object.assign(new Error('none'), { code: 'ENOENT' });
        return text;
      },
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

describe('a connector of the workspace', () => {
  const path = 'connectors/things/get.action.yaml';
  const action = (value: string) => `action: things.get
title: Read a thing
effect: read
input: { thing: { type: integer, description: Its number. } }
look:
  get: /things/\${{ input.thing }}
  take: answer.body
  type: thing
give:
  name: { value: ${value}, description: Its name. }
`;
  const runbook = `runbook: use
title: Use
kind: other
owner: c.kim@example.com
steps:
  - id: look
    uses: things.get
    with: { thing: 1 }
outputs: { name: "\${{ steps.look.output.name }}" }
`;
  const workspaceWith = (text: string) =>
    new Workspace({
      read: () => ({ files: [{ path: 'runbooks/use.yaml', text: runbook }] }),
      catalogue: testCatalogue,
      connectors: () => [
        {
          name: 'things',
          folder: 'connectors/things',
          files: [
            { path: 'connectors/things/connector.yaml', text: exampleConnector },
            { path, text },
          ],
          read: () => exampleContract,
        },
      ],
    });

  it('is checked as it is written, and its actions are known to the runbooks at once', () => {
    const workspace = workspaceWith(action('found.name'));
    const errors = [...workspace.diagnostics().values()]
      .flat()
      .filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([]);
    expect(hover(workspace, 'runbooks/use.yaml', runbook.indexOf('things.get'))).toContain('Read a thing');
    workspace.change(path, action('found.nme'));
    const found = workspace.diagnostics().get(path);
    expect(found?.map(({ line, suggestion }) => ({ line, suggestion }))).toEqual([
      { line: 10, suggestion: 'name' },
    ]);
  });

  it('completes what the order has reached, and says of what type it is', () => {
    const text = action('found.name');
    const workspace = workspaceWith(text);
    const labels = (at: string) =>
      complete(workspace, path, text.indexOf(at) + at.length).map(({ label }) => label);
    expect(labels('value: found.')).toEqual(expect.arrayContaining(['id', 'name', 'done', 'note']));
    expect(labels('value: ')).toEqual(expect.arrayContaining(['found', 'input', 'key']));
    expect(labels('value: ')).not.toContain('steps');
    expect(hover(workspace, path, text.indexOf('found.name') + 7)).toContain('text');
  });
});
