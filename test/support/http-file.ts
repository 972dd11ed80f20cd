/** A request of a `.http` file, as an editor would send it. */
export type HttpFileRequest = {
  readonly title: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
};

/**
 * Reads the part of the format that VS Code's REST Client and JetBrains' HTTP Client have in common: `@name = value`, `{{name}}`, `###`.
 *
 * @param variables in place of the file's own.
 */
export function parseHttpFile(text: string, variables: Readonly<Record<string, string>>): HttpFileRequest[] {
  const [head = '', ...requests] = text.split(/^###/m);
  const own = Array.from(head.matchAll(/^@(\w+) = (.*)$/gm), ([, name = '', value = '']) => [name, value] as const);
  const values = new Map([
    ...own,
    ...Object.entries(variables).filter(([name]) => own.some(([each]) => each === name)),
  ]);
  const fill = (part: string) =>
    part.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = values.get(name);
      if (value === undefined) throw new RangeError(`There is no variable ${name}.`);
      return value;
    });
  return requests.map((request) => parseRequest(fill(request).trim()));
}

function parseRequest(text: string): HttpFileRequest {
  const [top = '', body] = text.split(/\n\n([\s\S]*)/);
  const [title = '', line = '', ...headers] = top.split('\n');
  const [method = '', url = ''] = line.split(' ');
  return {
    title,
    method,
    url,
    headers: headers.map((header) => {
      const [name = '', value = ''] = header.split(/: (.*)/);
      return [name, value] as const;
    }),
    body,
  };
}
