/** The files of a new runbook repository. */

/** Where the Countersign that CI runs is found: a repository that the organisation has in its hands, at one commit. */
export interface Origin {
  /** `owner/name` on the same forge. */
  repository: string;
  commit: string;
}

/** Path -> text. `name` is the organisation's, as people write it; without an origin it is to be filled in. */
export function newRepository(name: string, origin?: Origin): Record<string, string> {
  return {
    'countersign.yaml': configuration(name),
    'runbooks/access/group-access.yaml': runbook,
    'runbooks/access/group-access.test.yaml': tests,
    '.vscode/settings.json': `${JSON.stringify(editorSettings, null, 2)}\n`,
    '.vscode/extensions.json': `${JSON.stringify({ recommendations: ['redhat.vscode-yaml'] }, null, 2)}\n`,
    '.github/workflows/runbooks.yaml': pipeline(origin),
    '.gitignore': '.countersign/\nnode_modules/\n',
    'README.md': readme(name),
  };
}

function configuration(name: string): string {
  return `# yaml-language-server: $schema=schemas/configuration.schema.json
# What the runbooks name. Secrets are found by name; their values never stand here.
organisation:
  name: ${JSON.stringify(name)}
  domain: example.com
timezone: Europe/Berlin

# Who is who. Runbooks ask roles, so that people can change without them.
roles:
  it-coordinators: { people: [kim.okafor@example.com] }
  it-managers: { people: [morgan.weiss@example.com] }

# Who is asked when nobody is left who could sign.
approvals:
  lastResort: role:it-managers

secrets:
  entraClientSecret: { env: ENTRA_CLIENT_SECRET }

connectors:
  entra:
    tenant: example.onmicrosoft.com
    clientId: 11111111-2222-4333-8444-555555555555
    clientSecret: \${{ secrets.entraClientSecret }}

# Rules that every runbook must keep; one that breaks them does not compile.
policies:
  - name: sign-before-destroying
    for: step.effect == "destructive"
    rule: size(step.gates) > 0
    message: Somebody must sign before anything is deleted.
  - name: no-free-change-of-what-destroys
    for: step.effect == "destructive"
    rule: '!step.reads.exists(leaf, leaf.amend == "free")'
    message: What a destructive step reads is changed only with a signature.
`;
}

const runbook = `# yaml-language-server: $schema=../../schemas/runbook.schema.json
runbook: group-access
title: Access to a group
kind: other
owner: role:it-coordinators
description: Adds a person to a group, once a manager has signed.

on:
  - manual:
      by: [role:it-coordinators]

inputs:
  person: { type: string, format: email, description: Person who gets access }
  group: { type: string, minLength: 1, description: The group's name }
  reason: { type: string, minLength: 1, description: Reason }

steps:
  - id: account
    title: Find the account
    uses: entra.getUser
    with:
      user: \${{ inputs.person }}

  - id: signoff
    title: A manager signs
    approve:
      from: [role:it-managers]
      within: 2 business days
      remind: 1 business day
      show:
        person: \${{ inputs.person }}
        group: \${{ inputs.group }}
        reason: \${{ inputs.reason }}

  - id: member
    title: Add to the group
    uses: entra.addGroupMember
    with:
      user: \${{ steps.account.output.id }}
      group: \${{ inputs.group }}
`;

const tests = `# yaml-language-server: $schema=../../schemas/test.schema.json
defaults:
  inputs: { person: a.lee@example.com, group: Sales, reason: Covers for a colleague }
  actions:
    account: { output: { id: "4711" } }

tests:
  - name: a manager signs, and the person is in the group
    events:
      - approve: signoff
        by: role:it-managers
        after: 2h
    expect:
      path: [account, signoff, member]
      calls:
        member: { user: "4711", group: Sales }

  - name: a manager refuses, and nothing changes
    events:
      - reject: signoff
        comment: not needed any more
    expect:
      status: rejected
      notCalled: [member]
`;

/** For those whose editor ignores the line at the top of a file. */
const editorSettings = {
  'yaml.schemas': {
    'schemas/runbook.schema.json': ['runbooks/**/*.yaml', '!runbooks/**/*.test.yaml'],
    'schemas/test.schema.json': 'runbooks/**/*.test.yaml',
    'schemas/configuration.schema.json': 'countersign.yaml',
    'schemas/organisation.schema.json': 'organisation.yaml',
    'schemas/connector.schema.json': 'connectors/*/connector.yaml',
    'schemas/action.schema.json': 'connectors/*/*.action.yaml',
  },
  'editor.formatOnSave': false,
};

function pipeline(origin: Origin | undefined): string {
  const { repository, commit } = origin ?? { repository: 'OWNER/countersign', commit: 'COMMIT' };
  const todo = origin
    ? ''
    : '\n# Fill in OWNER and COMMIT: where your organisation keeps Countersign, and the commit it has looked at.';
  const program = `      - uses: actions/checkout@v4
        with: { repository: ${repository}, ref: ${commit}, path: .countersign/program }
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - name: Build Countersign
        working-directory: .countersign/program
        run: npm run build`;
  return `# CI runs the Countersign of this repository and commit, and none that a public registry has under its name.${todo}
name: Runbooks
on: [push, pull_request]
permissions: { contents: read }
env:
  COUNTERSIGN: node .countersign/program/dist/cli/main.js
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
${program}
      - name: Every runbook compiles
        run: $COUNTERSIGN validate --format github
      - name: Every test passes
        run: $COUNTERSIGN test
      - name: No gate got weaker
        if: github.event_name == 'pull_request'
        run: $COUNTERSIGN diff origin/\${{ github.base_ref }}

  # What is merged is what people read. Where nobody may push to the main branch, or people read elsewhere,
  # publish to a wiki instead: countersign publish says to which, and how.
  publish:
    needs: check
    if: github.event_name == 'push' && github.ref_name == github.event.repository.default_branch
    runs-on: ubuntu-latest
    permissions: { contents: write }
    concurrency: publish
    steps:
      - uses: actions/checkout@v4
        with: { ref: "\${{ github.ref_name }}" }
${program}
      - name: Every runbook as the procedure that people read
        run: |
          $COUNTERSIGN publish folder docs/procedures
          git add docs/procedures
          git diff --cached --quiet && exit 0
          git config user.name github-actions
          git config user.email github-actions@users.noreply.github.com
          git commit --message 'Publish the procedures'
          git push
`;
}

function readme(name: string): string {
  return `# Runbooks of ${name.replace(/[\\`*_[\]<>#]/g, '\\$&')}

Each procedure is a YAML file under \`runbooks/\`; \`countersign.yaml\` says who is who and how the systems are reached.

    countersign validate             # checks everything, and says what to change
    countersign test                 # runs the tests beside them, on a clock that needs no waiting
    countersign plan group-access    # what it does, and who signs before each step
    countersign docs group-access    # the same as a procedure for people
    countersign dev                  # runs it here, with stand-ins for the outside systems

Editors complete keys, actions and their inputs from \`schemas/\` (Visual Studio Code: with the YAML extension).
After an update of Countersign write them anew: \`countersign schema --write\`.
`;
}
