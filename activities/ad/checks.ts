/**
 * What may stand in an attribute, checked before it is sent. Windows enforces these limits, and says little of what was wrong; Samba takes
 * longer values and keeps them.
 */

/** The most characters of a value (the schema's rangeUpper, and the rule for account names). */
const mostCharacters: Record<string, number> = {
  accountname: 20,
  cn: 64,
  c: 2,
  co: 128,
  company: 64,
  department: 64,
  description: 1_024,
  displayname: 256,
  employeeid: 16,
  employeenumber: 512,
  facsimiletelephonenumber: 64,
  givenname: 64,
  info: 1_024,
  initials: 6,
  l: 128,
  mail: 256,
  mobile: 64,
  physicaldeliveryofficename: 128,
  postalcode: 40,
  sn: 64,
  st: 128,
  streetaddress: 1_024,
  telephonenumber: 64,
  title: 128,
  userprincipalname: 1_024,
};

/** Those that no step sets as a plain attribute: the directory keeps them, another action has them, or they give access. */
const notPlain: Record<string, string> = {
  accountexpires: 'use ad.setAccountExpiry',
  altsecurityidentities: 'it gives access',
  cn: 'use ad.moveUser with `name`',
  distinguishedname: 'use ad.moveUser',
  gplink: 'use ad.linkPolicy',
  lockouttime: 'use ad.unlockUser',
  manager: 'use `manager`',
  member: 'use ad.addGroupMember',
  memberof: 'use ad.addGroupMember',
  'msds-allowedtoactonbehalfofotheridentity': 'it gives access',
  'msds-allowedtodelegateto': 'it gives access',
  'msds-keycredentiallink': 'it gives access',
  name: 'use ad.moveUser with `name`',
  ntsecuritydescriptor: 'it gives access',
  objectclass: 'the directory keeps it',
  objectguid: 'the directory keeps it',
  objectsid: 'the directory keeps it',
  primarygroupid: 'the directory keeps it',
  pwdlastset: 'use ad.resetPassword',
  serviceprincipalname: 'it gives access',
  sidhistory: 'it gives access',
  unicodepwd: 'use ad.resetPassword',
  useraccountcontrol: 'use ad.disableUser or ad.enableUser',
  userpassword: 'use ad.resetPassword',
};

/** What is wrong with a value that an attribute shall have. Undefined when nothing is. */
export function problemOf(attribute: string, value: string): string | undefined {
  const key = attribute.toLowerCase();
  const most = mostCharacters[key];
  if (value === '') return `${attribute} is empty: name it in \`clear\` instead.`;
  if (key === 'c' && !/^[A-Z]{2}$/.test(value))
    return `c is ${JSON.stringify(value)}, and has to be the two capital letters of a country, such as DE.`;
  if (most !== undefined && [...value].length > most)
    return `${attribute} has ${[...value].length} characters, and Active Directory takes ${most}.`;
  // Samba (4.17) makes such an entry, and from then on refuses every search of what it stands in.
  if (key === 'cn' && / ,+$/.test(value))
    return `${attribute} is ${JSON.stringify(value)}, and may not end with a comma behind a space.`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for those.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value))
    return `${attribute} has a character that cannot be printed.`;
  return undefined;
}

/** Why an attribute is not set as a plain one. */
export function refusalOf(attribute: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(attribute))
    return `${JSON.stringify(attribute)} is no name of an attribute.`;
  const instead = Object.hasOwn(notPlain, attribute.toLowerCase())
    ? notPlain[attribute.toLowerCase()]
    : undefined;
  return instead === undefined ? undefined : `${attribute} is not set as a plain attribute: ${instead}.`;
}

/** The rule for account names (sAMAccountName) of people: 20 characters, without those that have a meaning in `DOMAIN\name`. */
export function accountNameProblem(name: string, most = mostCharacters.accountname ?? 0): string | undefined {
  const bad = /["/\\[\]:;|=,+*?<>@]/.exec(name)?.[0];
  if (bad !== undefined)
    return `The account name ${name} has a ${bad}, which Active Directory does not take in it.`;
  if (name.endsWith('.') || name.trim() !== name || /^[.\s]+$/.test(name))
    return `The account name ${JSON.stringify(name)} begins or ends with a space, or ends with a dot.`;
  if ([...name].length > most)
    return `The account name ${name} has ${[...name].length} characters, and Active Directory takes ${most}.`;
  return undefined;
}
