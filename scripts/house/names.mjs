/** Names that a file reads from values: `x.name`, `x['name']`, `const { name } = x`, and a parameter taken apart. */
import { walk } from './sources.mjs';

export function readNamesOf({ program }) {
  const names = [];
  walk(program, (node) => {
    if (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression') {
      if (!node.computed) names.push(node.property.name);
      else if (node.property.type === 'StringLiteral') names.push(node.property.value);
    }
    if (node.type === 'ObjectPattern')
      for (const each of node.properties) {
        const key = each.key;
        if (key) names.push(key.name ?? key.value);
      }
  });
  return names;
}
