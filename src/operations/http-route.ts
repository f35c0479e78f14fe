/** Where an operation is found over HTTP on the management port: a method and a path. It matches no request. */

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Plural nouns; names in braces are input fields: "/v1/users/{user}". */
  readonly path: `/v1/${string}`;
}
