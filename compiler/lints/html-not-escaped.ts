import * as lints from '../diagnostics/registry/lints.ts';
import { partsOf } from '../expressions/interpolation.ts';
import type { Node } from '../source/tree.ts';
import { rule } from './rule.ts';

export const htmlNotEscaped = rule({
  name: 'html-not-escaped',
  weight: 'warning',
  definition: lints.htmlNotEscaped,
  check(linted) {
    const visit = (node: Node, key = ''): void => {
      if (node.kind === 'list') for (const item of node.items) visit(item, key);
      else if (node.kind === 'map') for (const entry of node.entries) visit(entry.value, entry.key);
      else if (key === 'html' && typeof node.value === 'string') {
        const { parts } = partsOf(node.value);
        // What is an expression as a whole was made elsewhere, and the reader of that can tell.
        for (const part of parts.length > 1 ? parts : [])
          if (typeof part === 'object' && !/\b(htmlEscape|htmlTable|urlEncode)\(/.test(part.expression))
            linted.report(lints.htmlNotEscaped, node, { expression: part.expression });
      }
    };
    visit(linted.root);
  },
});
