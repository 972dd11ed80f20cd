import { startAzurite } from '../../../local/stand-ins/azurite.ts';

/** A process that starts Azurite, says on which port, and does nothing more until it is killed. */
const { port } = await startAzurite({ service: 'table', directory: process.argv[2] ?? '' });
process.send?.(port);
