/** The web console's files, and the pages that the gateway writes itself. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { escaped } from '../presentation/html.ts';
import { filledIn, matched } from '../presentation/page-address.ts';

const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** What programs ask for, and no page. */
const noPages = ['/api', '/hooks', '/health', '/assets', '/sign-in/oidc'];

/** `folder` is where `npm run build` puts the console. Its assets' names change with their content. */
export async function consoleAssets(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: resolve(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    // Beside each file the build puts it packed; a browser that takes neither gets the file itself.
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    setHeaders: (reply) => {
      reply.setHeader('x-content-type-options', 'nosniff');
    },
  });
}

/** Every address of the console is its one page, which finds out itself what to show. */
export function isPage(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0] ?? '';
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    (request.headers.accept ?? '').includes('text/html') &&
    !noPages.some((start) => path === start || path.startsWith(`${start}/`))
  );
}

export async function sendConsole(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
): Promise<FastifyReply> {
  const html = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined);
  if (html !== undefined) {
    const ahead = await fetchedAhead(request.url.split('?')[0] ?? '', folder);
    return reply
      .code(200)
      .headers(pageHeaders)
      .type('text/html; charset=utf-8')
      .send(html.replace('</head>', `${ahead}</head>`));
  }
  return sendPage(reply, 503, 'The console is not built', [
    'Run `npm run build` in the folder of Countersign, then reload this page.',
    'Everything else works without it: the command line, the tickets, the runs.',
  ]);
}

/** As the build writes it: of each form of address the scripts, and what is asked of the API. */
interface WantedOfPage {
  pattern: string;
  scripts: string[];
  asks: string[];
}

/** What the page at this address needs besides the start, asked for with it and not by its scripts: on a slow line each wait is a person's. */
async function fetchedAhead(path: string, folder: string): Promise<string> {
  const text = await readFile(join(folder, 'pages.json'), 'utf8').catch(() => '[]');
  for (const { pattern, scripts, asks } of JSON.parse(text) as WantedOfPage[]) {
    const values = matched(pattern, path);
    if (!values) continue;
    return [
      ...scripts.map((file) => `<link rel="modulepreload" crossorigin href="/${escaped(file)}">`),
      ...asks
        .map((ask) => escaped(`/api/v1${filledIn(ask, values)}`))
        .map((href) => `<link rel="preload" as="fetch" crossorigin href="${href}">`),
    ].join('');
  }
  return '';
}

/** A page of plain words, for whoever cannot be shown the console. */
export function sendPage(
  reply: FastifyReply,
  status: number,
  title: string,
  lines: string[],
  link?: { href: string; text: string },
): FastifyReply {
  const text = lines.map((line) => `<p>${escaped(line)}</p>`).join('\n');
  const way = link ? `\n<p><a href="${escaped(link.href)}">${escaped(link.text)}</a></p>` : '';
  return reply
    .code(status)
    .headers(pageHeaders)
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Countersign</title>
<style>:root { color-scheme: light dark; } body { font: 16px/1.55 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${text}${way}
</main>
</body>
</html>
`);
}
