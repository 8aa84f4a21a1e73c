# Gives the mailboxes of others that a person may open or send on behalf of.
param(
  [Parameter(Mandatory = $true)] [string] $User,
  [Parameter(Mandatory = $true)] [string] $Application,
  [Parameter(Mandatory = $true)] [string] $Certificate,
  [Parameter(Mandatory = $true)] [string] $Organization
)
Connect-ExchangeOnline -AppId $Application -CertificateThumbprint $Certificate -Organization $Organization -ShowBanner:$false
try {
  $person = Get-EXORecipient -Identity $User
  $names = @($person.Name, $person.ExternalDirectoryObjectId, $person.PrimarySmtpAddress)
  foreach ($mailbox in (Get-EXOMailbox -ResultSize Unlimited -Properties GrantSendOnBehalfTo)) {
    if ($mailbox.ExternalDirectoryObjectId -eq $person.ExternalDirectoryObjectId) { continue }
    $full = $false
    foreach ($entry in (Get-EXOMailboxPermission -Identity $mailbox.UserPrincipalName)) {
      $isTheirs = $entry.User -eq $User -and -not $entry.Deny -and -not $entry.IsInherited
      if ($isTheirs -and $entry.AccessRights -contains 'FullAccess') { $full = $true }
    }
    $onBehalf = $false
    foreach ($name in $mailbox.GrantSendOnBehalfTo) { if ($names -contains [string] $name) { $onBehalf = $true } }
    if ($full -or $onBehalf) {
      [pscustomobject]@{
        address    = [string] $mailbox.PrimarySmtpAddress
        name       = [string] $mailbox.DisplayName
        fullAccess = $full
        onBehalf   = $onBehalf
      }
    }
  }
} finally {
  Disconnect-ExchangeOnline -Confirm:$false
}
