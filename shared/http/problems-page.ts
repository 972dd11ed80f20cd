import { reasonsByCode, type Code } from '../errors.ts';
import type { Answer } from './answer.ts';
import { problemKinds } from './problems.ts';
import type { Route } from './serve.ts';

/** The page that a problem's `type` points to, in Markdown: `docs/problems.md`, and what the broker serves under that path. */
export function renderProblemsPage(): string {
  const sections = Object.entries(problemKinds).map(([code, { status, title, detail }]) =>
    [
      `## ${code}`,
      `**${status}** · ${title}.`,
      detail,
      `Reasons in audit records: ${reasonsByCode[code as Code].map((reason) => `\`${reason}\``).join(', ')}.`,
    ].join('\n\n'),
  );
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

const introduction = `# Problems

Every error of the broker is an RFC 9457 document, \`application/problem+json\`, with \`type\`, \`title\`, \`status\`, \`detail\`, \`code\` and
\`requestId\`. Programs go by \`code\`. The reason is in the audit record that has the same \`requestId\`, for the platform team alone.`;

/** \`GET /docs/problems.md\` */
export function createProblemsRoute(): Route {
  const answer: Answer = {
    status: 200,
    headers: { 'Content-Type': 'text/markdown; charset=utf-8' },
    body: renderProblemsPage(),
  };
  return async () => answer;
}
