/** What a cause means, and what to do, in the words of the API owner's page on troubleshooting where it has some. */
type Meaning = { readonly means: string; readonly remedy: string };

/** Every cause that the doctor names. `docs/doctor.md` is generated from this table. */
export const causes = {
  'invalid-setting': {
    means: 'An app setting is missing or not valid.',
    remedy: 'Correct the setting; docs/config.md lists them.',
  },
  'invalid-config': {
    means: 'The configuration file cannot be read, or a member of it is not valid.',
    remedy: 'Correct the member; docs/config.md lists them.',
  },
  'identity-refused': {
    means:
      'The app has no managed identity, or not the one that AZURE_CLIENT_ID names, or it gets no token for this service.',
    remedy:
      'Assign the app its managed identity; set AZURE_CLIENT_ID to the client id of a user-assigned one, and remove it for the system-assigned one.',
  },
  'identity-unavailable': {
    means: 'The managed identity’s endpoint does not answer, or not with a token that is good.',
    remedy: 'Wait and examine again; if it stays so, restart the app.',
  },
  'clock-skew': {
    means:
      'The clock of this machine and that of Entra or Key Vault are apart: a warning from a minute, a fault from five. Tokens are taken for expired, or for not yet valid.',
    remedy: 'Set this machine’s clock, and have it kept by a time server.',
  },
  'entra-unavailable': {
    means: 'Entra does not answer, throttles, or answers with what is not Entra’s.',
    remedy:
      'See that the network lets the app out to AZURE_AUTHORITY_HOST; else wait. What is cached serves to its end meanwhile.',
  },
  'unknown-tenant': {
    means: 'Entra knows no such tenant.',
    remedy: 'Correct the tenantId, and see that AZURE_AUTHORITY_HOST is the cloud that the tenant is in.',
  },
  'unknown-client': {
    means: 'The tenant has no app registration with this client id.',
    remedy: 'Correct the clientId and the tenantId; the API’s owner gave both.',
  },
  'wrong-secret': {
    means: 'Entra does not take the client secret that Key Vault holds.',
    remedy:
      'Store the secret’s value, not its id, as a new version of the Key Vault secret. The API’s owner gives a new one.',
  },
  'expired-secret': {
    means: 'The client secret that Key Vault holds has expired at Entra.',
    remedy: 'Get a new client secret from the API’s owner and store it as a new version of the Key Vault secret.',
  },
  'certificate-refused': {
    means:
      'Entra does not take the certificate: it is not registered with the client’s app registration, or has expired.',
    remedy:
      'Have the API’s owner add the certificate, without its key, to the app registration under Certificates & secrets; each new version too, before the old one ends.',
  },
  'missing-federation': {
    means: 'The client’s app registration does not trust the app’s managed identity.',
    remedy:
      'Have a federated credential added to the app registration: issuer https://login.microsoftonline.com/<the identity’s tenant>/v2.0, subject the object id of the identity, audience api://AzureADTokenExchange.',
  },
  'wrong-scope': {
    means: 'Entra refuses the scope: the tenant has no API of that name, or the access level is not .default.',
    remedy: 'Use the correct scope for client credentials, such as api://apim-xxxxx-xxxxx-api/.default.',
  },
  'entra-refused': {
    means: 'Entra refuses the client for another reason.',
    remedy: 'Look the AADSTS number up in Microsoft’s list of Entra error codes.',
  },
  'malformed-token': {
    means: 'Entra’s answer holds no usable token.',
    remedy: 'See what stands between the app and Entra, such as a proxy that answers in its place.',
  },
  'vault-forbidden': {
    means: 'Key Vault does not let the app’s identity read.',
    remedy:
      'Give the identity the role Key Vault Secrets User on the vault, or Secrets Officer where keys are rotated, and see that the vault’s firewall lets the app in.',
  },
  'vault-unavailable': {
    means: 'Key Vault does not answer, or throttles.',
    remedy:
      'See that KEY_VAULT_URL is the vault’s and the network lets the app reach it; else wait. What is cached serves to its end meanwhile.',
  },
  'vault-refused': {
    means: 'What answers at KEY_VAULT_URL refuses the request for another reason.',
    remedy: 'See that KEY_VAULT_URL is the vault’s own address.',
  },
  'missing-secret': {
    means: 'Key Vault has no such secret.',
    remedy: 'Store it under this name, recover it if it was deleted, or correct its name in the configuration.',
  },
  'disabled-secret': {
    means: 'The newest version of the secret is disabled.',
    remedy: 'Enable it, or store a new version.',
  },
  'malformed-secret': {
    means:
      'The secret’s value, or a tag that rotation has written, is not what it can be: a line break at its end, a fingerprint key of less than 32 characters.',
    remedy: 'Store the value again, without a line break.',
  },
  'certificate-not-pem': {
    means: 'Key Vault holds the certificate as PKCS#12, or this is no certificate.',
    remedy:
      'Set the content type in the certificate’s policy to application/x-pem-file and create a new version; have it added to the app registration.',
  },
  'malformed-certificate': {
    means: 'Key Vault holds no RSA private key together with its certificate under this name.',
    remedy: 'Name a Key Vault certificate whose policy has an RSA key that is exportable.',
  },
  'expired-certificate': {
    means: 'The certificate that Key Vault holds has expired.',
    remedy: 'Create a new version of the certificate, and have it added to the app registration.',
  },
  'secret-expires-soon': {
    means: 'By the date that Key Vault has for it, the secret ends within 60, 30 or 7 days.',
    remedy: 'Get a new one in time, and store it as a new version with its date.',
  },
  'gateway-unavailable': {
    means: 'A gateway does not answer, or only with errors of its own.',
    remedy: 'See that its address is right and the network lets the app reach it; else tell the API’s owner.',
  },
  'wrong-path': {
    means: 'The gateway has no operation at the address by which keys are tried.',
    remedy: 'Correct probe.url to an operation of an API that the subscription’s product has.',
  },
  'authority-forbidden': {
    means: 'Whoever issues the keys does not let the app list them.',
    remedy:
      'For Azure Resource Manager, give the identity the actions read, listSecrets, regeneratePrimaryKey and regenerateSecondaryKey on the subscription; for a developer portal, see that the user’s password in Key Vault is right.',
  },
  'authority-unavailable': {
    means: 'Whoever issues the keys does not answer, or throttles.',
    remedy:
      'See that its address is right and the network lets the app reach it; else wait. Nothing is rotated meanwhile, and no header set fails by it.',
  },
  'authority-refused': {
    means: 'Whoever issues the keys does not list two keys for the subscription.',
    remedy: 'Look the subscription up where it is kept, under Profile → Subscriptions in the developer portal.',
  },
  'unknown-subscription': {
    means: 'Whoever issues the keys knows no such subscription.',
    remedy: 'Correct authority.resourceId, or authority.subscription.',
  },
  'suspended-subscription': {
    means: 'The subscription is suspended.',
    remedy: 'Verify your subscription status with the API’s owner, who can set it active again.',
  },
  'inactive-subscription': {
    means: 'The subscription is not active: not yet approved, rejected, cancelled or expired.',
    remedy: 'Ensure that the subscription is active: have it approved, or subscribe to the product again.',
  },
  'key-changed-outside': {
    means:
      'The key that Key Vault holds is neither of the subscription’s two: one was regenerated by somebody else, or the wrong one stored.',
    remedy:
      'Where the subscription is rotated, the timer publishes the listed key within some minutes; else store the key of the slot in use as a new version of the Key Vault secret. Find out who regenerated it.',
  },
  'key-refused': {
    means:
      'Every gateway refuses a key: it is not the subscription’s, or the subscription is not active, or the gateways are another service’s.',
    remedy:
      'Ensure that the key is correct, and the subscription is active; see that probe.gateways and baseUrl are the gateways of the service that issued it.',
  },
  'gateway-lagging': {
    means: 'One gateway takes what another refuses: it has not heard of a change yet.',
    remedy: 'Wait some minutes and examine again; if it stays so, tell the API’s owner which gateway it is.',
  },
  'missing-header': {
    means: 'A header that the API asks for does not reach it.',
    remedy:
      'Give the API an oauth section where it takes a bearer token as well; else see what stands in between that takes headers away.',
  },
  'subscription-forbidden': {
    means: 'The subscription is not authorized for this API or its product, or it is suspended.',
    remedy: 'Verify your subscription status and product/API pairing.',
  },
  'wrong-product': {
    means: 'The subscription is active, and its product does not have this API.',
    remedy: 'Verify the product/API pairing: name the subscription of the product that has the API.',
  },
  'quota-exhausted': {
    means: 'The quota or the rate limit of the subscription is exceeded.',
    remedy: 'Respect throttling guidance, or contact support to adjust quotas.',
  },
  'wrong-audience': {
    means:
      'The gateway does not take the token, which Entra has just issued: it is for another API, or lacks a role that the API wants.',
    remedy:
      'Verify that the audience matches the API’s Application ID URI, and that the scope is that API’s; then ask its owner which app role the client needs.',
  },
  'api-refused': {
    means: 'The API refuses the call in words that are not the gateway’s.',
    remedy: 'Ask the API’s owner what the backend checks besides the key and the token.',
  },
  'api-unavailable': {
    means: 'The API, or the gateway in front of it, answers with an error of its own, or not at all.',
    remedy: 'See that baseUrl is right; else tell the API’s owner.',
  },
  'storage-unavailable': {
    means: 'Table Storage does not answer, or throttles: nothing is rotated. Headers are still handed out.',
    remedy: 'See that TABLE_SERVICE_URL is right and the network lets the app reach it; else wait.',
  },
  'storage-forbidden': {
    means: 'Table Storage does not let the app’s identity in.',
    remedy:
      'Give the identity the role Storage Table Data Contributor on the account, and see that its firewall lets the app in.',
  },
  'storage-refused': {
    means: 'What answers at TABLE_SERVICE_URL refuses the request for another reason.',
    remedy: 'See that TABLE_SERVICE_URL is the account’s table service.',
  },
  'record-corrupt': {
    means: 'The rotation record cannot be read: nothing is done to the subscription’s keys until it can.',
    remedy:
      'Delete the entity “record” of the subscription’s partition in the table “rotation”: the next tick makes a new one of what it finds.',
  },
  'record-missing': {
    means: 'Rotation has published this key, and its record is gone.',
    remedy:
      'If nobody deleted it on purpose, see that TABLE_SERVICE_URL names the account that it was in; else let the next tick make a new one.',
  },
  'record-stale': {
    means: 'The published key is in the other slot than the record says.',
    remedy: 'Wait for the next tick, which notes it; if it stays so, see that the rotation timer runs.',
  },
  'rotation-failing': {
    means: 'The last step of the rotation was not taken.',
    remedy: 'docs/rotation.md says what each reason means. The timer tries again each minute.',
  },
  'rotation-overdue': {
    means: 'A cycle should have started, or the present state ended, and has not.',
    remedy: 'See that the rotation timer runs (ROTATION_SCHEDULE) and what it logs.',
  },
  'rotation-paused': {
    means: 'The rotation is paused: no key is regenerated.',
    remedy: 'Resume it when the reason for the pause is gone.',
  },
  'promise-ended': {
    means:
      'The promise for the key in use has run out, so that an outage of Key Vault would be felt within minutes: nobody has extended it.',
    remedy: 'See that the rotation timer runs (ROTATION_SCHEDULE) and what it logs.',
  },
  unexpected: {
    means: 'The examination itself failed.',
    remedy: 'This is a defect of the broker: tell its maintainers what was examined.',
  },
} as const satisfies Record<string, Meaning>;

/** Why something is not well. */
export type Cause = keyof typeof causes;

export const causeNames = Object.keys(causes) as readonly Cause[];
