import { reasonsByCode, type Code } from '../errors.ts';
import type { Answer } from './answer.ts';
import { problemKinds } from './problems.ts';
import type { Route } from './serve.ts';

/**
 * The page that a problem's `type` points to, in Markdown.
 *
 * @param withReasons for `docs/problems.md`: what the platform team finds in audit records and on the log. Anyone can ask the broker for
 *   the page, so what it serves leaves them out.
 */
export function renderProblemsPage({ withReasons }: { withReasons: boolean }): string {
  const sections = Object.entries(problemKinds).map(([code, { status, title, detail }]) => {
    const reasons = reasonsByCode[code as Code].map((reason) => `\`${reason}\``).join(', ');
    const parts = [`## ${code}`, `**${status}** · ${title}.`, detail, ...(withReasons ? [`Reasons: ${reasons}.`] : [])];
    return parts.join('\n\n');
  });
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

const introduction = `# Problems

Every error of the broker is an RFC 9457 document, \`application/problem+json\`, with \`type\`, \`title\`, \`status\`, \`detail\`, \`code\` and
\`requestId\`. Programs go by \`code\`. The reason stands in the audit record, or the log line, that has the same \`requestId\`.`;

/** \`GET /docs/problems.md\` */
export function createProblemsRoute(): Route {
  const answer: Answer = {
    status: 200,
    headers: { 'Content-Type': 'text/markdown; charset=utf-8' },
    body: renderProblemsPage({ withReasons: false }),
  };
  return async () => answer;
}
