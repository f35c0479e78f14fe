/** What an agent on the wire may be told; codes and numbers are those of the OKM family (protocol section 9). No logic. */
import { type ErrorRow, row } from './row.ts';

export const AGENT_ERRORS = {
  ACCESS_DENIED: row(
    1000,
    403,
    'Access denied',
    'Check that the caller is enabled and may use this operation, key group or key.',
  ),
  SERVER_BUSY: row(1001, 503, 'Server busy', 'Try again shortly, or at another KMA.'),
  AUTHENTICATION_FAILED: row(
    1002,
    401,
    'Authentication failed',
    'Check name and passphrase; after too many failures a new passphrase must be set.',
  ),
  AGENT_INVALID_PARAMETERS: row(
    1008,
    400,
    'Invalid parameters',
    'Compare the request with the limits of the protocol.',
  ),
  AGENT_KEY_DOES_NOT_EXIST: row(
    1009,
    404,
    'Key does not exist',
    'Check the key ID; a key of another cluster must be imported first.',
  ),
  AGENT_KEY_DESTROYED: row(
    1010,
    410,
    'Key destroyed',
    'The key is gone for good; data encrypted with it cannot be read.',
  ),
  AGENT_DATA_UNIT_ID_NOT_FOUND_EXTERNAL_ID_EXISTS: row(
    1011,
    409,
    'Data unit ID unknown but external unique ID in use',
    'Use the data unit that owns the external unique ID.',
  ),
  INVALID_DATA_UNIT_ID: row(1013, 400, 'Invalid data unit ID', 'A data unit ID is 32 hex digits.'),
  INVALID_KEY_ID: row(1014, 400, 'Invalid key ID', 'A key ID is 60 hex digits.'),
  AGENT_DUPLICATE_EXTERNAL_ID: row(
    1015,
    409,
    'External unique ID already exists',
    'Retrieve the data unit by its external unique ID instead.',
  ),
  AGENT_INVALID_EXTERNAL_ID: row(
    1016,
    400,
    'Invalid external unique ID',
    'An external unique ID is 1 to 32 bytes as hex.',
  ),
  AGENT_APPLIANCE_LOCKED: row(
    1018,
    423,
    'KMA is locked',
    'Unlock the KMA with a quorum ("kma unlock"), or use another KMA.',
  ),
  DATA_UNIT_NOT_FOUND: row(1020, 404, 'Data unit not found', 'Check the data unit ID.'),
  AGENT_NO_READY_KEYS: row(
    1021,
    503,
    'No ready keys',
    'Take a database backup ("kma backup"), so that generated keys become ready.',
  ),
  NOT_SUPPORTED: row(1134, 501, 'Not supported', 'See the list of operations.'),
  AGENT_KWK_NOT_REGISTERED: row(
    1135,
    409,
    'Key wrapping key is not registered',
    'Register a key wrapping key at this KMA and repeat the call.',
  ),
  AGENT_KWK_ID_MISMATCH: row(
    1136,
    409,
    'Key wrapping key ID does not match',
    'Register a key wrapping key at this KMA and repeat the call.',
  ),
  FIPS_MODE_REQUIRED: row(
    1142,
    403,
    'Only wrapped keys are allowed',
    'Let the agent use the wrapped calls (a discovery frequency above 0).',
  ),
} as const satisfies Record<string, ErrorRow>;
