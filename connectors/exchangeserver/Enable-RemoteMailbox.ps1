# Makes a person of Active Directory one with a mailbox in the cloud, which comes with the next synchronisation.
param(
  [Parameter(Mandatory = $true)] [string] $User,
  [Parameter(Mandatory = $true)] [string] $Route,
  [string] $Address
)
$name = 'Microsoft.Exchange.Management.PowerShell.RecipientManagement'
if (-not (Get-PSSnapin -Registered | Where-Object { $_.Name -eq $name })) {
  $name = 'Microsoft.Exchange.Management.PowerShell.SnapIn'
}
if (-not (Get-PSSnapin | Where-Object { $_.Name -eq $name })) { Add-PSSnapin $name }
$more = @{}
if ($Address) { $more.PrimarySmtpAddress = $Address }
Enable-RemoteMailbox -Identity $User -RemoteRoutingAddress $Route @more | Out-Null
