import * as z from 'zod/mini';
import { auditAnswer, auditRecord } from '../../shared/http/contract/audit.ts';
import { doctorAnswer } from '../../shared/http/contract/doctor.ts';
import {
  apisAnswer,
  headersAnswer,
  problem,
  rejectionAnswer,
  rejectionRequest,
} from '../../shared/http/contract/headers.ts';
import { authorizationHeaderAnswer, sidecarOptions, validateAnswer } from '../../shared/http/contract/sidecar.ts';
import { rotation, rotationAnswer, steeringAnswer, steeringRequest } from '../../shared/http/contract/rotation.ts';
import { statusAnswer } from '../../shared/http/contract/status.ts';
import type { Schema } from './types.ts';

/** The contract's schemas, by the names that the document gives them. */
const named = {
  HeaderSet: headersAnswer,
  RejectionReport: rejectionRequest,
  HeaderSetAfterRejection: rejectionAnswer,
  AuthorizationHeader: authorizationHeaderAnswer,
  SidecarOptions: sidecarOptions,
  ValidatedToken: validateAnswer,
  Apis: apisAnswer,
  Problem: problem,
  Status: statusAnswer,
  Rotation: rotation,
  RotationWithHistory: rotationAnswer,
  SteeringRequest: steeringRequest,
  Steered: steeringAnswer,
  AuditRecord: auditRecord,
  AuditTrail: auditAnswer,
  Examination: doctorAnswer,
} as const;

export type SchemaName = keyof typeof named;

const uri = (name: string) => `#/components/schemas/${name}`;

/** A reference to one of the document's schemas. */
export const schemaOf = (name: SchemaName) => ({ $ref: uri(name) });

/** `components.schemas` */
export function createSchemas(): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { target: 'draft-2020-12', io: 'output', uri, override: simplify });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]));
}

/** One schema that is not among the document's named ones: a parameter's. */
export function inlineSchemaOf(schema: z.core.$ZodType): Schema {
  return withoutIdentity(z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', override: simplify }));
}

/** Says for readers what zod writes for its own validation. */
function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  // Leap years and all; the format says it.
  if (jsonSchema.format === 'date-time') jsonSchema.pattern = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$';
  if (jsonSchema.format === 'uuid') delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  // Every name of a member is text.
  delete jsonSchema.propertyNames;
}

/** The document says once what dialect it is in, and where a schema stands is its identity. */
function withoutIdentity(schema: object): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema' && keyword !== '$id'));
}
