# Gives the mailbox in the cloud of a person, or fails with ManagementObjectNotFoundException.
param([Parameter(Mandatory = $true)] [string] $User)
$name = 'Microsoft.Exchange.Management.PowerShell.RecipientManagement'
if (-not (Get-PSSnapin -Registered | Where-Object { $_.Name -eq $name })) {
  $name = 'Microsoft.Exchange.Management.PowerShell.SnapIn'
}
if (-not (Get-PSSnapin | Where-Object { $_.Name -eq $name })) { Add-PSSnapin $name }
Get-RemoteMailbox -Identity $User | ForEach-Object {
  [pscustomobject]@{
    id      = [string] $_.Guid
    address = [string] $_.PrimarySmtpAddress
    route   = ([string] $_.RemoteRoutingAddress) -replace '^smtp:', ''
  }
}
