import { describe, expect, it } from '@jest/globals';
import { endWords, mainPartOf, proposalWords, ruleWords } from './story.ts';

const change = { path: 'inputs.manager', before: 'a', after: 'b' };
const proposal = { id: 1, by: 'kim@example.com', at: 1, changes: [change] };
const end = { at: 2, by: ['lee@example.com'] };

describe('What became of a gate', () => {
  it('says by which rule it was to be signed', () => {
    expect(ruleWords({ needed: 2, from: ['role:cab', 'dana@example.com'], quorum: 'majority' })).toBe(
      '2 must approve, the majority, of CAB and dana@example.com',
    );
    expect(ruleWords({ needed: 1 })).toBe('1 must approve');
  });

  it('says how it ended, and why', () => {
    expect(endWords({ how: 'approved', at: 1, by: ['lee@example.com', 'dana@example.com'] })).toBe(
      'approved by lee@example.com and dana@example.com',
    );
    expect(endWords({ how: 'fell', at: 1, reason: 'nobody answered' })).toBe(
      'the change fell: nobody answered',
    );
  });

  it('says of each proposal whether it came into force', () => {
    expect(proposalWords({ ...proposal, became: 'open' })).toBe('Not in force, and not decided yet.');
    expect(proposalWords({ ...proposal, became: 'open', afterwards: true })).toBe(
      'In force, and its signature is owed.',
    );
    expect(proposalWords({ ...proposal, became: 'countersigned', end })).toBe(
      'Signed by lee@example.com, and in force from then on.',
    );
    expect(proposalWords({ ...proposal, became: 'fell', end: { at: 2, by: [], reason: 'late' } })).toBe(
      'Fell: late. What was signed stayed.',
    );
  });
});

describe('Of a system that is acted on', () => {
  it('people are told its tenant, or else the machine at which it is', () => {
    expect(
      mainPartOf({ clientId: '6f1a', graphUrl: 'https://graph.example.com/v1', tenant: 'example.com' }),
    ).toBe('example.com');
    expect(mainPartOf({ email: 'it@example.com', baseUrl: 'https://example.atlassian.net' })).toBe(
      'example.atlassian.net',
    );
    expect(mainPartOf({ from: 'it@example.com', host: 'smtp.example.com', port: '25' })).toBe(
      'smtp.example.com',
    );
    expect(mainPartOf({})).toBe('');
  });
});
