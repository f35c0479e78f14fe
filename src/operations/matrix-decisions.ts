/** Cells of the matrix that what is known of the product leaves open, and why they are as they are. It grants nothing. */

/** By "entity: what" of the row. */
export const DECISIONS: Readonly<Record<string, string>> = {
  "Console: set user's passphrase":
    'With a quorum, at the console as everywhere: whether the product asks for one there is unclear, and who may set the passphrase of another alone has his roles.',
  'Manager: change own passphrase': 'Every role: nobody else should have to know it.',
  'Manager: connect': 'Every role; a session shows and ends nothing but itself.',
  'Autonomous unlock: view': 'Security Officer alone, who is the one that may change it.',
  'Lock status: view': 'Every role: who gets no keys has to be told why. Known for the Auditor only.',
  'Core security backup: create':
    'Alone, as in the product: the file opens with a quorum alone. Confirming that it was fetched belongs to making it.',
  'Site: list': 'Security Officer, who makes sites, and Operator, who puts agents into them.',
  'Site: create, modify, delete': 'Security Officer: sites say where KMAs and agents stand.',
  'KMA: delete':
    'Without a quorum: it takes away and gives nobody access, and a KMA that was lost has to go at once.',
  'User: delete':
    'Without a quorum: a user who must go has to go at once, and nobody gains a right by it. The last Security Officer stays.',
  'Pending quorum operation: list, view, delete':
    'Quorum Member and Security Officer. Deleting takes no quorum: it only says no, and the audit says who.',
  'Key policy: list, view': 'Compliance Officer alone, who is the one that makes policies.',
  'Key group: create, modify, delete': 'Compliance Officer, as for the policies that groups rest on.',
  'Transfer partner and key group: modify': 'Compliance Officer, as for agents and key groups.',
  'Agent: create, modify, set passphrase, delete':
    'Operator alone. Which keys an agent gets is up to the Compliance Officer, so neither can give keys away by himself.',
  'Agent: performance list': 'Who may list agents may see how they are served.',
  'Data unit: modify': 'Operator; whether a key is in use is a remark on the data unit and goes with it.',
  'Key: list, view': 'Every role, as for data units; no key value is ever shown.',
  'Transfer partner: list, view': 'Roles that choose a partner. Comes with key transfer.',
  'Transfer partner: delete': 'Without a quorum: it takes a way out for keys away. Comes with key transfer.',
  'Key transfer: export, import': 'Operator, within the groups that a Compliance Officer gave the partner.',
  'Backup: list, view':
    'Everybody who has to know whether keys are safe; not Auditor and Quorum Member, who read of backups in the audit.',
  'Backup: with destroyed keys of a data unit: list':
    'Roles that destroy keys, answer for it, or destroy backups.',
  'Remote syslog: list, create, modify, delete': 'Security Officer alone: records leave the KMA by it.',
  'Hardware management pack: enable, disable': 'Security Officer, as for all that watches the machine.',
  'System dump: create, download':
    'Security Officer and Operator: who runs the machine. No key material is in it.',
  'System time: view': 'Every role: all dates that anybody reads rest on it.',
  'System time: modify':
    'Security Officer: a wrong time changes what keys may do. Without a quorum, since a day allows five minutes.',
  'System time: NTP server': 'Security Officer, as for the time.',
  'Software version: list': 'Every role: there is nothing secret in it.',
  'Software version: upload and apply':
    'With a quorum, as the newest guide lists it; older ones let an Operator do it alone.',
  'Current load, KMA performance: query': 'Every role. Known for the Auditor only.',
  'Network configuration: view': 'Every role: addresses are seen by everybody who connects.',
  'Backup schedule: view': 'As for the list of backups.',
  'Backup schedule: modify': 'Backup Operator, whose work it sets.',
  'Backup: send the files to restore from':
    'Security Officer, a temporary one: it changes nothing until a quorum of the backup opens the files.',
  'Job: list and view own':
    'Every role: whoever may begin long work sees his own, and nobody that of others.',
  'Session: list, end those of a user':
    'Security Officer, who may disable users; ending a session is the smaller measure.',
  'Technical support: view':
    'Security Officer and Operator, who end it, and Auditor, who answers for who came in.',
  'System messages: list': 'As for the system dump, which holds them: who runs the machine.',
  'Clock: accept records of a KMA whose clock was ahead':
    'With a quorum, as for the time itself: what such records say counts as later than all before.',
  'Clock: accept the time after it was found odd':
    'With a quorum: the time decides which keys still encrypt, and one person must not move it past a period.',
  'Conflict: list': 'Roles that change what a conflict can be about, and who audits them.',
  'Conflict: settle':
    'Roles that change what a conflict can be about: it leaves all as it is, and the audit says who looked. Taking the other value needs its own right.',
  'Key: list keys perhaps issued by an ended life': 'As for keys: every role.',
  'TLS versions: view': 'Every role: anybody can find it out by connecting.',
  'Audit event: verify the chains': 'Every role: whoever may read the audit may ask whether it is whole.',
};
