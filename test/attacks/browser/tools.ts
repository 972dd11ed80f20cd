/** What the pages of these tests have at hand; `won` is set by what ran and must not. */
export const tools = `
globalThis.won = undefined;
globalThis.broken = [];
addEventListener('securitypolicyviolation', ({ effectiveDirective }) => broken.push(effectiveDirective));

/** Resolves once the policy has kept the page from something, or, after a while, with what it was kept from instead. */
globalThis.keptFrom = (directive) => new Promise((resolve) => {
  const end = () => resolve(won ?? 'let through; kept from: ' + (broken.join() || 'nothing'));
  const timer = setTimeout(end, 2_000);
  const look = () => {
    if (!broken.includes(directive)) return;
    clearTimeout(timer);
    resolve(won);
  };
  addEventListener('securitypolicyviolation', () => setTimeout(look));
  look();
});

/** Adds an element. Resolves with what came of it: load or error. */
globalThis.add = (tag, attributes, parent = document.body) => new Promise((resolve) => {
  const element = Object.assign(document.createElement(tag), attributes);
  for (const event of ['load', 'error', 'loadedmetadata']) element.addEventListener(event, () => resolve(event));
  parent.append(element);
});

/** Sends a form into a frame, whose answer is waited for. */
globalThis.submit = (action, { fields = {}, target = 'hidden', ...attributes } = {}) => new Promise((resolve) => {
  const form = Object.assign(document.createElement('form'), { action, method: 'POST', target, ...attributes });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { name, value }));
  }
  if (target === 'hidden') {
    const frame = Object.assign(document.createElement('iframe'), { name: target });
    document.body.append(frame);
    // The first is that of the empty page.
    setTimeout(() => frame.addEventListener('load', () => { frame.remove(); resolve(); }));
  } else resolve();
  document.body.append(form);
  setTimeout(() => form.submit());
});
`;
