/** One item of the overview: how it stands, and the way to its place. */
import { Card, CardBody, CardTitle, Label } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

interface TileProps {
  readonly title: string;
  readonly to: string;
  readonly tone?: 'danger' | 'warning' | 'success' | undefined;
  readonly children: ReactNode;
  /** Which ones, where the number alone does not say. */
  readonly detail?: string;
}

export function Tile({ title, to, tone, children, detail = '' }: TileProps) {
  return (
    <Card>
      <CardTitle component="h2">
        <Link href={to}>{title}</Link>
      </CardTitle>
      <CardBody>
        <div className="okm-big">
          {tone === undefined ? children : <Label status={tone}>{children}</Label>}
        </div>
        {detail !== '' && <small>{detail}</small>}
      </CardBody>
    </Card>
  );
}
