/** A run as a report to print: for whoever was not there, with nothing in it that is sealed. */
import { shortRunId } from '../../plan/run-name.ts';
import { toHtml } from '../../presentation/html.ts';
import { toPdf } from '../../presentation/pdf.ts';
import { runReport } from '../../presentation/run-report.ts';
import { runStory } from '../../presentation/run-story.ts';
import { verify } from '../../store/audit/verify.ts';
import { notFound } from '../problem.ts';
import { problem } from '../schemas/answers.ts';
import { runId } from '../schemas/bodies.ts';
import { type ApiParts, type Routes, readableRun } from './request.ts';

const answers = (media: string, description: string) => ({
  200: { description, content: { [media]: { schema: { type: 'string' } } } },
  '4xx': problem,
  '5xx': problem,
});

export const reportRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const tags = ['audit'];

    api.get(
      '/runs/:id/report.html',
      {
        schema: {
          summary: 'A run as a report, a page to print',
          tags,
          params: runId,
          response: answers('text/html', 'One page that needs nothing else.'),
        },
      },
      async (request, reply) => {
        const { title, blocks } = await reportOf((await readableRun(request, parts.store)).id, parts);
        return reply.type('text/html; charset=utf-8').send(toHtml(title, blocks));
      },
    );
    api.get(
      '/runs/:id/report.pdf',
      {
        schema: {
          summary: 'A run as a report, as PDF',
          tags,
          params: runId,
          response: answers('application/pdf', 'Pages of A4.'),
        },
      },
      async (request, reply) => {
        const { id } = await readableRun(request, parts.store);
        const { title, blocks } = await reportOf(id, parts);
        const name = `run-${shortRunId(id)}.pdf`;
        return reply
          .type('application/pdf')
          .header('content-disposition', `inline; filename="${name}"`)
          .send(await toPdf(title, blocks));
      },
    );
  },
};

async function reportOf(id: string, { store, seal, calendars }: ApiParts) {
  const file = await store.audit.file(id);
  if (!file) throw notFound(`There is no run "${id}" any more.`);
  const story = runStory(file);
  const { title, ticket } = story.run;
  return {
    title: ticket ? `${title}, ${ticket.key}` : title,
    blocks: runReport(story, { checked: verify(file, seal), timezone: calendars().timezone }),
  };
}
