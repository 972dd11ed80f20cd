/** `okq8-token-broker/client`: what an internal service imports. */
export { createBrokerClient } from './client.ts';
export type { BrokerClient, CallInit, HeadersOptions } from './client.ts';
export type { Clock } from './clock.ts';
export { BrokerError } from './error.ts';
export type { BrokerErrorCode, BrokerErrorDetails } from './error.ts';
export type { HeaderSet } from './header-set.ts';
export type { BrokerClientOptions, BrokerCredential } from './options.ts';
