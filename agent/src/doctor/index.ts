/** The doctor's parts for whoever looks at KMAs from elsewhere: probes, diagnosis and text are the same for all. */

export { DOCTOR_EXIT_CODES, DOCTOR_EXIT_HELP, type Examination, examination } from './examination.ts';
export { examinationText } from './examination-text.ts';
export { examineCluster } from './examine-cluster.ts';
export type { HttpReply } from './http-question.ts';
export { systemResolve } from './name-step.ts';
export type { Place, PlaceReport, Probe, Service, Standpoint } from './place.ts';
export { caQuestion, certificateQuestion, discoveryQuestion, type Question } from './soap-question.ts';
export { type Finding, failed, ok, skipped, warning } from './step.ts';
