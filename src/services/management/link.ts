/** What the management listener may ask of the core. It holds no connection. */
import type {
  CoreToManagement,
  ManagementToCore,
  ManagerOrigin,
} from '../../processes/management-messages.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export type ManagementCall = Without<Extract<ManagementToCore, { t: 'call' }>, 't' | 'id' | 'origin'>;
/** The first or second message of a proof from a page whose user is nobody yet. */
export type WebProof = Without<Extract<ManagementToCore, { t: 'prove' }>, 't' | 'id'>;
export type ManagementReply = Without<Extract<CoreToManagement, { t: 'reply' }>, 'id'>;
export type ManagementProblem = Without<Extract<CoreToManagement, { t: 'problem' }>, 'id'>;

/** Whose key it is; a user ID of null: nobody's. */
export type KeyOwner = Pick<Extract<CoreToManagement, { t: 'who' }>, 'userId'>;

export interface ManagementLink {
  /** Null where the core does not say. */
  who(origin: ManagerOrigin): Promise<KeyOwner | null>;
  /** Null where the core is away or gives no answer in time: the call may have been carried out or not. */
  call(call: ManagementCall, origin: ManagerOrigin): Promise<ManagementReply | ManagementProblem | null>;
  /** A failure before a call, to be counted with its like (D15). */
  refused(reason: string, address: string): void;
}

/** What the web Manager's listener may ask besides. */
export interface WebLink extends ManagementLink {
  /** Null where the core is away or gives no answer in time. */
  prove(proof: WebProof): Promise<ManagementReply | ManagementProblem | null>;
}
