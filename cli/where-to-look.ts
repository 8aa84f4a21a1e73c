/** The command behind what the gateway answers: pages show the same words, and nobody types a command there. */
const commands: readonly [answer: RegExp, hint: string][] = [
  [/^There is no run ".*"\.$/, 'See the runs with `countersign runs`.'],
  [/^There is no delivery ".*"\.$/, 'See them with `countersign deliveries`.'],
  [/^The register has no asset .*\.$/, 'Look for it with `countersign assets find`.'],
  [/^A run for the same is live already: (\S+)\.$/, 'Look at it with `countersign show $1`.'],
  [/^The run has ended, so nothing can be told to it\.$/, 'Look at it with `countersign show`.'],
  [/^No worker is running, so no run can answer\./, 'It is started with `countersign worker`.'],
];

/** The answer, with the command that leads on where there is one. */
export function withCommand(answer: string): string {
  for (const [form, hint] of commands) {
    const found = form.exec(answer);
    if (found) return `${answer} ${hint.replace('$1', found[1] ?? '')}`;
  }
  return answer;
}
