/** Who is logged in, how he likes to see the pages, and the way out. */
import { Divider, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { TEXTS, valueText, words } from '../texts/en.ts';
import { later } from './later.tsx';
import { usePreferences } from './preferences.tsx';
import { useSession } from './session.tsx';

const OperationForm = later(() => import('../forms/OperationForm.tsx'));

const CHANGE_PASSPHRASE = 'changeOwnPassphrase';

export function UserMenu() {
  const { user, roles } = useSession();
  const { dark, utc, change } = usePreferences();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [changing, setChanging] = useState(false);
  const leave = async () => {
    await call(operation('logOut'), {}).catch(() => undefined);
    queries.clear();
    location.assign('/');
  };
  return (
    <>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        popperProps={{ position: 'right' }}
        toggle={(reference) => (
          <MenuToggle ref={reference} isExpanded={open} onClick={() => setOpen(!open)}>
            {user}
          </MenuToggle>
        )}
      >
        <DropdownList>
          <DropdownItem isDisabled description={roles.map((role) => valueText('roles', role)).join(', ')}>
            {user}
          </DropdownItem>
          <DropdownItem isSelected={utc} onClick={() => change({ utc: !utc })}>
            {TEXTS.utc}
          </DropdownItem>
          <DropdownItem isSelected={dark} onClick={() => change({ dark: !dark })}>
            {TEXTS.dark}
          </DropdownItem>
          <Divider component="li" />
          <DropdownItem
            onClick={() => {
              setOpen(false);
              setChanging(true);
            }}
          >
            {words(CHANGE_PASSPHRASE)}
          </DropdownItem>
          <DropdownItem onClick={() => void leave()}>{TEXTS.logOut}</DropdownItem>
        </DropdownList>
      </Dropdown>
      {changing && (
        <OperationForm
          id={CHANGE_PASSPHRASE}
          known={{ user }}
          version={null}
          onClose={() => setChanging(false)}
        />
      )}
    </>
  );
}
