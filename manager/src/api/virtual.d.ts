/** What the build makes of the OpenAPI document. */
declare module 'virtual:catalogue' {
  const catalogue: readonly import('../../catalogue.ts').Operation[];
  export default catalogue;
}
