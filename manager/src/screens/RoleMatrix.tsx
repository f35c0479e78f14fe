/** Which role may do what, out of the description of the KMA itself. It grants nothing. */
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { operations } from '../api/catalogue.ts';
import { TEXTS, words } from '../texts/en.ts';

const ROLES = [
  'SECURITY_OFFICER',
  'COMPLIANCE_OFFICER',
  'OPERATOR',
  'BACKUP_OPERATOR',
  'AUDITOR',
  'QUORUM_MEMBER',
] as const;

export default function RoleMatrix() {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys (WCAG 2.1.1)
    <section className="okm-scroll" aria-label={TEXTS.roleMatrix} tabIndex={0}>
      <Table variant="compact" isStickyHeader aria-label={TEXTS.roleMatrix}>
        <Thead>
          <Tr>
            <Th>{TEXTS.operation}</Th>
            {ROLES.map((role) => (
              <Th key={role}>{words(role.toLowerCase().replaceAll('_', ' '))}</Th>
            ))}
            <Th>{TEXTS.needsQuorum}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {operations.map(({ id, roles, quorum }) => (
            <Tr key={id}>
              <Td>{words(id)}</Td>
              {ROLES.map((role) => (
                <Td key={role}>{roles.includes(role) ? TEXTS.yes : TEXTS.none}</Td>
              ))}
              <Td>{quorum === false ? TEXTS.none : TEXTS.yes}</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </section>
  );
}
