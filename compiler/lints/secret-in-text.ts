import * as lints from '../diagnostics/registry/lints.ts';
import type { Node } from '../source/tree.ts';
import { rule } from './rule.ts';

/** A value behind a name of something secret: `password: hunter2`. An expression there is none. */
const written =
  /\b((?:pass(?:word|phrase)|pwd|api[ _-]?key|client[ _-]?secret|access[ _-]?token|bearer)\s*(?:[:=]|is)\s*)(?!\$\{\{)['"]?(?=[^\s'"]{6,})(?=\S*[0-9!@#$%^&*])/i;

export const secretInText = rule({
  name: 'secret-in-text',
  weight: 'warning',
  definition: lints.secretInText,
  check(linted) {
    const visit = (node: Node): void => {
      if (node.kind === 'list') node.items.forEach(visit);
      else if (node.kind === 'map') for (const { value } of node.entries) visit(value);
      else if (typeof node.value === 'string') {
        const found = written.exec(node.value)?.[1];
        if (found !== undefined) linted.report(lints.secretInText, node, { what: found.trim() });
      }
    };
    visit(linted.root);
  },
});
