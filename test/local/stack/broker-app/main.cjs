// What stands in for the broker where a test is about its process alone.
const { app } = require('@azure/functions');

app.http('environment', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'environment',
  handler: () => ({ jsonBody: process.env }),
});

app.http('crash', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'crash',
  handler: () => process.exit(3),
});

app.http('tell', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'tell',
  handler: (_request, context) => {
    for (const word of ['one', 'two']) context.log(word);
    return {};
  },
});
