/** Whether something is a message with an Adaptive Card that Teams would show. */

const elements = ['TextBlock', 'FactSet', 'Container', 'ColumnSet', 'Image', 'RichTextBlock', 'ActionSet'];
const actions = ['Action.OpenUrl', 'Action.ShowCard', 'Action.ToggleVisibility'];

interface Item {
  type?: unknown;
  text?: unknown;
  title?: unknown;
  url?: unknown;
}

/** Why it is none, or undefined. */
export function problemOfMessage(message: unknown): string | undefined {
  const { type, attachments } = (message ?? {}) as { type?: unknown; attachments?: unknown };
  if (type !== 'message') return 'Required property "type" must be "message".';
  if (!Array.isArray(attachments) || attachments.length !== 1) return 'One attachment is expected.';
  const { contentType, content } = attachments[0] as { contentType?: unknown; content?: unknown };
  if (contentType !== 'application/vnd.microsoft.card.adaptive')
    return `The content type ${String(contentType)} is not supported.`;
  const card = (content ?? {}) as { type?: unknown; version?: unknown; body?: unknown; actions?: unknown };
  if (card.type !== 'AdaptiveCard') return 'The content is no AdaptiveCard.';
  if (!/^1\.[0-5]$/.test(String(card.version))) return `Cards of version ${card.version} are not shown.`;
  if (!Array.isArray(card.body) || card.body.length === 0) return 'The card has no body.';
  const buttons = card.actions ?? [];
  if (!Array.isArray(buttons)) return '"actions" is a list.';
  return firstProblem(card.body, problemOfElement) ?? firstProblem(buttons, problemOfAction);
}

function firstProblem(items: unknown[], check: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = check((item ?? {}) as Item);
    if (problem) return problem;
  }
  return undefined;
}

function problemOfElement({ type, text }: Item): string | undefined {
  if (!elements.includes(String(type))) return `Cards have no element ${String(type)}.`;
  return type === 'TextBlock' && (typeof text !== 'string' || text === '')
    ? 'A TextBlock needs text.'
    : undefined;
}

function problemOfAction({ type, title, url }: Item): string | undefined {
  if (!actions.includes(String(type))) return `Cards have no action ${String(type)}.`;
  if (typeof title !== 'string') return 'An action needs a title.';
  return type === 'Action.OpenUrl' && !URL.canParse(String(url)) ? 'Action.OpenUrl needs a url.' : undefined;
}
