/** CS175x: what signatures stand for. */
import { define } from '../diagnostic.ts';

export const amendNothing = define<{ what: string; on?: string }>({
  code: 'CS1750',
  title: 'Leave to change what nobody changes',
  message: ({ what, on }) =>
    on === undefined
      ? `Nobody changes ${what} by hand, so \`amend\` means nothing here. Remove it.`
      : `\`amend\` means nothing for ${what}. Write it on ${on} itself.`,
  explanation:
    '`amend` lets a change by hand take effect though a signature covers it. It stands on an input, or on a step whose result a person may enter.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers] }\n    amend: free',
  right:
    'inputs: { desk: { type: string, amend: free } }\nsteps:\n  - task: { to: role:it-coordinators, instructions: "Prepare desk ${{ inputs.desk }}" }',
});
