declare module 'virtual:catalogue' {
  const catalogue: readonly import('../../catalogue.ts').Operation[];
  export default catalogue;
}
