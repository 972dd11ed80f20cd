// Loaded into the host's process before the host: tells its parent what it has taken of the processor so far, whenever it is asked.
process.on('message', (message) => {
  if (message === 'cpu') process.send?.({ cpu: process.cpuUsage() });
});
