/**
 * The systems that Countersign reaches, and what it does in each: every cell with its action. `test/declared-taken-back.test.ts` plays a runbook
 * that uses it, on every real part.
 */
export const systemsTable: Record<string, Record<string, string[]>> = {
  'Jira Service Management': {
    'request types': ['jsm.createRequest'],
    'approvals mirrored in': ['jsm.listApprovals'],
    comment: ['jsm.comment'],
    transition: ['jsm.transition'],
    'approval state out': ['jsm.setApprovalState'],
    attach: ['jsm.attach'],
    'read an attachment': ['jsm.readAttachment'],
  },
  Freshservice: {
    'tickets get and create': ['freshservice.getTicket', 'freshservice.createTicket'],
    'tickets note, status and assign': ['freshservice.note', 'freshservice.setStatus'],
    'tickets attach and search': ['freshservice.attach', 'freshservice.searchTickets'],
    'changes get and create': ['freshservice.getChange', 'freshservice.createChange'],
    'changes note and status': ['freshservice.changeNote', 'freshservice.setChangeStatus'],
    'changes assign': ['freshservice.assignChange'],
    'changes attach and search': ['freshservice.attachToChange', 'freshservice.searchChanges'],
  },
  Zendesk: {
    'tickets with safe_update': ['zendesk.updateTicket', 'zendesk.getTicket'],
    comment: ['zendesk.comment'],
    search: ['zendesk.searchTickets'],
  },
  'Jira more': {
    search: ['jira.search'],
    'create and sub-task': ['jira.createIssue'],
    'edit, link, attach': ['jira.editIssue', 'jira.linkIssues', 'jira.attach'],
  },
  'ServiceNow more': {
    search: ['servicenow.search'],
    'create and change task': ['servicenow.createRecord', 'servicenow.createChangeTask'],
    'edit and attach': ['servicenow.editRecord', 'servicenow.attach'],
    'SLA fields': ['servicenow.listSlas'],
  },
  'Jamf Pro': {
    find: ['jamf.findComputer', 'jamf.findMobileDevice'],
    update: ['jamf.updateComputer', 'jamf.updateMobileDevice'],
    'lock and erase': ['jamf.lockComputer', 'jamf.eraseComputer'],
    'remove management': ['jamf.removeManagement'],
    'prestage scope': ['jamf.addToPrestage'],
    'static groups': ['jamf.addToComputerGroup', 'jamf.removeFromComputerGroup', 'jamf.listComputerGroup'],
  },
  'Configuration Manager': {
    'device of a user': ['configmgr.listDevicesOf'],
    'collection membership': ['configmgr.addToCollection'],
    'deployment status': ['configmgr.deploymentStatus'],
    'client action': ['configmgr.clientAction'],
  },
  'Defender for Endpoint': {
    machines: ['defender.getMachine', 'defender.listMachines'],
    'isolate, release and scan': ['defender.isolate', 'defender.scan'],
    offboard: ['defender.offboard'],
    'coverage against Intune': ['defender.listMachines', 'intune.listDevices'],
  },
  'Entra and Microsoft 365 more': {
    'update user': ['entra.updateUser'],
    manager: ['entra.setManager'],
    sponsor: ['entra.addSponsor', 'entra.listSponsors'],
    'group create and list members': ['entra.createGroup', 'entra.listGroupMembers'],
    'groups of a person': ['entra.listGroupsOf'],
    'licence users with last sign-in': ['entra.listLicenseUsers'],
    'one licence removed': ['entra.removeLicense'],
    'access reviews': ['entra.listReviewDecisions', 'entra.applyReview'],
    'directory role for a time': ['pim.giveRole', 'pim.listRolesOf'],
    'BitLocker key': ['entra.getRecoveryKey'],
    'Intune lock and assignment': ['intune.lockDevice', 'intune.assignApp'],
    'Teams membership': ['entra.addTeamMember'],
    'SharePoint site permission': ['sharepoint.giveAppAccess'],
    'phishing simulation read and started': ['phishing.getResults', 'phishing.start'],
  },
  'Exchange more': {
    'shared mailbox': ['exchange.createSharedMailbox'],
    'distribution list and membership': ['exchange.createDistributionList', 'exchange.addDistributionMember'],
    'litigation hold': ['exchange.setLitigationHold'],
    'Send As': ['exchange.grantSendAs'],
    'other people’s mailboxes found': ['exchange.listSendAs'],
  },
  'TeamViewer, BeyondTrust, ConnectWise Control': {
    'a session created or invited': [
      'teamviewer.createSession',
      'beyondtrust.createSessionKey',
      'screenconnect.createSession',
    ],
    'its link in the ticket': ['jsm.comment'],
  },
  'Snipe-IT more': {
    'search by warranty and end of life': ['assets.listExpiring'],
    'set status': ['assets.setStatus'],
  },
};
