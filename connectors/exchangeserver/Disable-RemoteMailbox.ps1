# Takes the attributes of a mailbox in the cloud from a person, whose account stays.
param([Parameter(Mandatory = $true)] [string] $User)
$name = 'Microsoft.Exchange.Management.PowerShell.RecipientManagement'
if (-not (Get-PSSnapin -Registered | Where-Object { $_.Name -eq $name })) {
  $name = 'Microsoft.Exchange.Management.PowerShell.SnapIn'
}
if (-not (Get-PSSnapin | Where-Object { $_.Name -eq $name })) { Add-PSSnapin $name }
Disable-RemoteMailbox -Identity $User -Confirm:$false | Out-Null
